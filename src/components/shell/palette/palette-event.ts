/**
 * Asks for the command palette: an event on the document, because whoever asks may have no framework code. A plain word,
 * because the framework looks for its listeners by a selector of this name.
 */
export const PALETTE_EVENT = "weirpalette";
