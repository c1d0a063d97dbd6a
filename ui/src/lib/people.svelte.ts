// The people of the shop and who is at the counter. The only file that knows the commands of
// people. What somebody may do comes from Rust as a list; the screens offer nothing else, and Rust
// refuses the rest whatever they offer.

import type { Right, Role } from "../bindings/names";
import type { PersonView, WhoView } from "../bindings/settings";
import type { ShopNow } from "../bindings/views";
import { forgetAhead } from "./ahead.svelte";
import { ask, onLocked } from "./ask";
import type { Screen } from "./route.svelte";

interface Known {
  who: WhoView | undefined;
  people: PersonView[];
  put_off: boolean;
}

const known = $state<Known>({ who: undefined, people: [], put_off: false });

/** The shop that is open; `kept`: under which name what was put off is remembered. */
const shop: { name: string | undefined; kept: string | undefined } = { name: undefined, kept: undefined };

/** Counts lockings and signings-in: an answer requested before one is too old. */
let turns = 0;

onLocked(() => void readWho());

/** Who has signed in. */
export function person(): PersonView | undefined {
  return known.who?.person ?? undefined;
}

/** All people in the order in which they were added, those who have left too. */
export function people(): PersonView[] {
  return known.people;
}

/** The people who can sign in. */
export function active(): PersonView[] {
  return known.people.filter(({ retired }) => !retired);
}

/** Whether the shop has people. */
export function hasPeople(): boolean {
  return known.who?.people === true;
}

/** The shop has people, and nobody has signed in. */
export function isLocked(): boolean {
  return hasPeople() && !person();
}

/** Whether whoever is at the counter may do it. */
export function can(right: Right): boolean {
  return known.who?.rights.includes(right) ?? true;
}

/** Somebody else knows the PIN: nothing is done before it is changed. */
export function mustChangePin(): boolean {
  return person()?.pin_to_change === true;
}

/** Whether a screen is there for whoever is at the counter. */
export function offers(screen: Screen): boolean {
  switch (screen) {
    case "counter":
    case "orders":
    case "refunds":
      return !mustChangePin();
    case "approvals":
      return hasPeople() && can("approve-refund");
    case "people":
      return hasPeople();
    case "audit":
      return can("export-audit");
    case "settings":
      return can("settings");
  }
}

/** Minutes without a key or a touch until the window locks; nothing: never. */
export function idleMinutes(): number | undefined {
  return known.who?.lock_after_mins || undefined;
}

/** Reads who is at the counter. */
export async function readWho(): Promise<void> {
  const mine = (turns += 1);
  const answer = await ask("who");
  if (mine !== turns) return;
  // the lock always shows whom to choose from
  if (answer.people) await readPeople();
  if (mine === turns) known.who = answer;
}

/** Reads the people. */
export async function readPeople(): Promise<void> {
  known.people = await ask("people");
}

/** Seconds until a PIN of this name is looked at again; 0: now. */
export async function pinWait(name: string): Promise<number> {
  return ask("pin_wait", { name });
}

/** Signs somebody in. */
export async function signIn(name: string, pin: string): Promise<void> {
  const answer = await ask("sign_in", { name, pin });
  turns += 1;
  known.who = answer;
}

/** Locks at once; Rust hears of it next. Without people there is no lock. */
export function lock(): void {
  if (!hasPeople()) return;
  turns += 1;
  forgetAhead();
  if (known.who) known.who = { ...known.who, person: null, rights: [] };
  void ask("sign_out").catch(() => undefined);
  void readPeople().catch(() => undefined);
}

/** Adds somebody; the first one is the owner, and has signed in from then on. */
export async function addPerson(name: string, role: Role, pin: string): Promise<PersonView> {
  const added = await ask("add_person", { name, role, pin });
  await readWho();
  return added;
}

/** Sets the limits that are given, whole dollars. */
export async function limitPerson(
  person: string,
  limits: { ask: number | null; approve: number | null },
): Promise<PersonView> {
  return renewed(await ask("limit_person", { person, ...limits }));
}

export async function retirePerson(person: string): Promise<PersonView> {
  return renewed(await ask("retire_person", { person }));
}

export async function setPin(person: string, pin: string): Promise<PersonView> {
  const changed = renewed(await ask("set_pin", { person, pin }));
  // one's own may open what was closed
  if (mustChangePin()) await readWho();
  return changed;
}

function renewed(changed: PersonView): PersonView {
  known.people = known.people.map((one) => (one.person === changed.person ? changed : one));
  return changed;
}

/** Whether the counter should offer to make the owner. */
export function offersOwner(): boolean {
  return known.who?.people === false && !known.put_off;
}

/** Another shop is open. What was put off in one is offered in the next; the demo shop is a new one
 *  at each start. */
export function setShop({ name, demo }: ShopNow): void {
  const another = name !== shop.name;
  Object.assign(shop, { name, kept: demo ? undefined : name });
  if (another) known.put_off = remembered();
}

/** The offer stays in the settings only. */
export function putOff(): void {
  known.put_off = true;
  // eslint-disable-next-line no-restricted-globals -- what was put off on this computer
  if (shop.kept) localStorage.setItem("people", shop.kept);
}

function remembered(): boolean {
  // eslint-disable-next-line no-restricted-globals -- see above
  return shop.kept !== undefined && localStorage.getItem("people") === shop.kept;
}

/** Starts over, for a test. */
export function takeWho(who: WhoView | undefined, list: PersonView[] = []): void {
  turns += 1;
  Object.assign(known, { who, people: list, put_off: remembered() });
}
