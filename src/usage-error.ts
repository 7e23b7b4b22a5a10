/** A command's words are off: the sentence is shown, and how the command is called. */
export class UsageError extends Error {}
