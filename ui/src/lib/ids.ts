/** Ids that the screens make. */

/**
 * The id of a new order, a UUID of version 7. It begins with its instant, so the data file keeps
 * the orders of a day side by side.
 */
export function orderId(): string {
  const at = Date.now().toString(16).padStart(12, "0");
  return `${at.slice(0, 8)}-${at.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}
