// Keys that a browser takes for itself: finding in a page, loading it anew, printing it, going back. In this window they do
// nothing, unless they are ours.

const CONTROL = new Set([..."dfghjlnoprstuw", "+", "-", "=", "0"]);

/** The keys of the ways to pay: the counter's own, also those of a way that is not there yet. */
export function isWayKey(event: KeyboardEvent): boolean {
  return /^F[234]$/.test(event.key);
}

/** Whether a browser would do something of its own with this key. */
export function isTheBrowsers(event: KeyboardEvent): boolean {
  if (/^F\d{1,2}$/.test(event.key)) return true;
  if (event.altKey) return event.key === "ArrowLeft" || event.key === "ArrowRight" || event.key === "Home";
  return (event.ctrlKey || event.metaKey) && CONTROL.has(event.key.toLowerCase());
}
