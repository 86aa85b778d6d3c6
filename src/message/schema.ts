/**
 * Validators of any library, as long as they speak Standard Schema, and what they find wrong.
 *
 * Only the shape is named here, so that nothing has to be installed: zod, valibot, arktype and others fit it.
 * Source: https://standardschema.dev, version 1.
 *
 * @module
 */

import { SCHEMA_ISSUE_CHARACTERS_MAX, SCHEMA_ISSUES_MAX, SCHEMA_PATH_STEPS_MAX } from "../contract_limits.ts";
import type { SchemaIssue } from "../errors.ts";

/** A validator. `Input` is what it takes, `Output` what it makes of that: they differ where a schema transforms. */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What the standard asks of every validator. */
  readonly "~standard": {
    /** The version of the standard. */
    readonly version: 1;
    /** The library that made the validator. */
    readonly vendor: string;
    /** Judges a value, at once or later. */
    readonly validate: (value: unknown) => SchemaVerdict<Output> | Promise<SchemaVerdict<Output>>;
    /** The types, for the compiler alone. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a validator says: the value, or what is wrong with it. */
export type SchemaVerdict<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly RawIssue[] };

/** An issue as libraries write it: a step of its path may be an object. */
export interface RawIssue {
  /** A sentence for people. */
  readonly message: string;
  /** The way to what is wrong, from the outside in. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The type of what a validator takes. */
export type InputOf<S> = S extends StandardSchema ? NonNullable<S["~standard"]["types"]>["input"] : undefined;

/** The type of what a validator makes. */
export type OutputOf<S> = S extends StandardSchema ? NonNullable<S["~standard"]["types"]>["output"]
  : undefined;

/** Whether `value` is a validator. Those of some libraries are functions. */
export function isSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const { "~standard": standard } = value as Partial<StandardSchema>;
  return standard?.version === 1 && typeof standard.validate === "function";
}

/** The issues of a library as plain data, cut to what is worth telling. */
export function plainIssues(issues: readonly RawIssue[]): SchemaIssue[] {
  return issues.slice(0, SCHEMA_ISSUES_MAX).map(({ message, path = [] }) => ({
    message: cut(String(message)),
    // A plain array: that of a library may be one with more to it.
    path: [...path].slice(0, SCHEMA_PATH_STEPS_MAX).map((step) => {
      const key = typeof step === "object" ? step.key : step;
      return typeof key === "number" ? key : cut(String(key));
    }),
  }));
}

/** The issues that a peer tells, or `undefined` if that is not what it sent. */
export function readIssues(data: unknown): SchemaIssue[] | undefined {
  const issues = (data as { readonly issues?: unknown } | null | undefined)?.issues;
  if (!Array.isArray(issues) || !issues.slice(0, SCHEMA_ISSUES_MAX).every(isIssue)) return undefined;
  return plainIssues(issues);
}

/** The issues as one sentence: `a.b: expected a number; expected a string`. */
export function describeIssues(issues: readonly SchemaIssue[]): string {
  return issues.map(({ message, path }) => path.length === 0 ? message : `${path.join(".")}: ${message}`)
    .join("; ");
}

function isIssue(value: unknown): value is RawIssue {
  if (typeof value !== "object" || value === null) return false;
  const { message, path = [] } = value as { readonly message?: unknown; readonly path?: unknown };
  return typeof message === "string" && Array.isArray(path) &&
    path.every((step) => typeof step === "string" || typeof step === "number");
}

function cut(text: string): string {
  return text.length <= SCHEMA_ISSUE_CHARACTERS_MAX
    ? text
    : `${text.slice(0, SCHEMA_ISSUE_CHARACTERS_MAX)}...`;
}
