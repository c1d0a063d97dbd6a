// The size of the type: one number on <html>, since every size is in rem.

export const SIZES = [100, 125, 150, 200] as const;
export type Size = (typeof SIZES)[number];

const chosen = $state<{ size: Size }>({ size: remembered() });

export function size(): Size {
  return chosen.size;
}

/** Makes the type larger or smaller by one step, or sets it back; remembered on this computer. */
export function resize(step: 1 | -1 | 0): void {
  const at = step === 0 ? 0 : SIZES.indexOf(chosen.size) + step;
  chosen.size = SIZES[at] ?? chosen.size;
  show();
  // eslint-disable-next-line no-restricted-globals -- a reading preference belongs to this computer
  localStorage.setItem("size", String(chosen.size));
}

/** Puts the remembered size on the page. */
export function show(): void {
  document.documentElement.dataset["size"] = String(chosen.size);
}

function remembered(): Size {
  // eslint-disable-next-line no-restricted-globals -- see above
  const kept = Number(localStorage.getItem("size"));
  return SIZES.find((one) => one === kept) ?? 100;
}
