/**
 * Every bound of contracts: its name, its default, and the reason for it.
 *
 * @module
 */

/** Contracts: what is told of a value that does not fit. Nobody mends more at once, and a peer's mistake costs little. */
export const SCHEMA_ISSUES_MAX = 16;

/** Contracts: characters of one issue that are told. Libraries quote the value that they refuse; a sentence is enough. */
export const SCHEMA_ISSUE_CHARACTERS_MAX = 200;

/** Contracts: steps of a path to what does not fit, and characters of each, that are told. */
export const SCHEMA_PATH_STEPS_MAX = 32;
