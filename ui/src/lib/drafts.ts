// What was typed on each screen, by person: locking takes the screens away, and each person finds
// what that person had typed. It is in memory only, and gone with the program. The amount
// alone also outlives the page.

const desks = new Map<string, Map<string, unknown>>();

/** Keeps what a screen leaves behind. */
export function leaveDraft(person: string | undefined, screen: string, typed: unknown): void {
  // without people nothing is ever taken away
  if (person === undefined) return;
  const desk = desks.get(person) ?? new Map<string, unknown>();
  desks.set(person, desk.set(screen, typed));
}

/** What the person had typed there; once. */
export function takeDraft<Typed>(person: string | undefined, screen: string): Typed | undefined {
  const desk = desks.get(person ?? "");
  const typed = desk?.get(screen) as Typed | undefined;
  desk?.delete(screen);
  return typed;
}

/** Another shop is open. */
export function dropDrafts(): void {
  desks.clear();
}

/** A page that is loaded again finds the amount that its person had typed; never a customer, since
 *  some systems write this to the disk. */
export function keepAmount(person: string | undefined, digits: string): void {
  sessionStorage.setItem(`amount ${person ?? ""}`, digits);
}

export function keptAmount(person: string | undefined): string {
  return sessionStorage.getItem(`amount ${person ?? ""}`) ?? "";
}
