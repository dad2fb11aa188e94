// @ts-check
/** The id of a command: said again after a break, it is done once. */

export const id = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
