import { en } from "./en";

/** The words on the screen. A second language is a second file of the same shape. */
export type Messages = typeof en;
export const t: Messages = en;
