// What the bank's opening letter holds, recognised in pasted text: the shop number, the X-KeyID,
// the four hash values. Here they are only told apart and measured; what they are worth, the bank
// says. No sentence of this file holds a value.

/** The hash values, in the order of the letter. */
export const HASHES = ["a1", "a2", "b1", "b2"] as const;
/** The secrets, in the order of their fields. */
export const SECRETS = ["key_id", ...HASHES] as const;

export type Hash = (typeof HASHES)[number];
export type Secret = (typeof SECRETS)[number];
export type Keys = Record<Secret, string>;

/** What a text holds; `unclear` when it holds more hash values than there are places. */
export interface Found {
  values: Partial<Record<Secret | "shop_no", string>>;
  unclear: boolean;
}

const UUID = /(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])/i;
const SHOP_NO = /(?<!\w)[A-Z]{2}\d{3,6}_\d{2,4}(?!\w)/;
const LABELLED = /(?<!\w)([AB][12])(?!\w)\W{0,8}([0-9a-f]{4}(?:[ -]?[0-9a-f]{4}){3})(?![\w-])/gi;
const BARE = /(?<![\w-])[0-9a-f]{4}(?:-?[0-9a-f]{4}){3}(?![\w-])/gi;

/** Characters of CTBC's MAC key. */
const MAC_KEY_CHARS = 24;

/** CTBC's MAC key as it is sent to the bank. */
export function cleanedMac(typed: string): string {
  return typed.normalize("NFKC").trim();
}

/** Whether it has the form that the bank accepts. */
export function fitsMac(typed: string): boolean {
  const text = cleanedMac(typed);
  return text.length === MAC_KEY_CHARS && /^[!-~]+$/.test(text);
}

/** Empty fields. */
export function noKeys(): Keys {
  return { key_id: "", a1: "", a2: "", b1: "", b2: "" };
}

/** A value as it is sent to the bank: half-width, and a hash value without blanks and hyphens. */
export function cleaned(name: Secret | "shop_no", typed: string): string {
  const text = typed.normalize("NFKC").trim();
  return isHash(name) ? text.replace(/[\s-]/g, "") : text;
}

/** Whether a value has the form that the bank gives out. */
export function fits(name: Secret, typed: string): boolean {
  const text = cleaned(name, typed);
  return isHash(name) ? /^[0-9a-f]{16}$/i.test(text) : text.length === 36 && UUID.test(text);
}

/** How many characters a value has. */
export function length(name: Secret, typed: string): number {
  return cleaned(name, typed).length;
}

/**
 * Takes a text apart. Values with their names before them go by name; others in order, from the
 * field into which the text was pasted. A single hash value without a name is no block: it belongs
 * where it is pasted.
 */
export function recognise(pasted: string, from: Hash = "a1"): Found | undefined {
  let text = pasted.normalize("NFKC");
  const values: Found["values"] = {};
  const take = (pattern: RegExp) => {
    const found = pattern.exec(text)?.[0];
    text = text.replace(pattern, " ");
    return found;
  };
  const [keyId, shopNo] = [take(UUID), take(SHOP_NO)];
  if (keyId) values.key_id = keyId;
  if (shopNo) values.shop_no = shopNo;
  text = text.replace(LABELLED, (_, name: string, value: string) => {
    values[name.toLowerCase() as Hash] = cleaned("a1", value);
    return " ";
  });
  const named = Object.keys(values).length > 0;
  const places = HASHES.slice(HASHES.indexOf(from)).filter((hash) => !values[hash]);
  const bare = text.match(BARE) ?? [];
  const unclear = bare.length > places.length;
  if (!unclear)
    for (const [at, hash] of places.entries()) if (bare[at]) values[hash] = cleaned(hash, bare[at]);
  const count = Object.keys(values).length;
  return count > 1 || named || unclear ? { values, unclear } : undefined;
}

function isHash(name: string): name is Hash {
  return (HASHES as readonly string[]).includes(name);
}
