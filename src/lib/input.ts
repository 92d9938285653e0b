/** Parses input with a schema. Errors name the invalid member and never its value. */
import * as v from "valibot";
import { FreedomPayError } from "../errors.ts";

/**
 * Parses the input with the schema.
 *
 * @param schema A valibot schema whose own messages complete the sentence "`member` …", such as "must be a boolean".
 * @param input The caller's input.
 * @returns The schema's output.
 * @throws {@link FreedomPayError} `input_invalid`, which names the first invalid member.
 */
export function readInput<Output>(schema: v.GenericSchema<unknown, Output>, input: unknown): Output {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  throw new FreedomPayError("input_invalid", sentence(result.issues[0]));
}

const PLAIN_NAME = /^[A-Za-z_.]{1,64}$/;

/** The schema's own message. A message of valibot begins with "Invalid" and is replaced, because it repeats the value, which may be a secret. */
function messageOf({ message }: v.BaseIssue<unknown>): string {
  return message.startsWith("Invalid ") ? "is not valid" : message;
}

function sentence(issue: v.BaseIssue<unknown>): string {
  const member = v.getDotPath(issue);
  if (member === null) return issue.type === "strict_object" ? "the input must be an object" : `the input ${messageOf(issue)}`;
  if (issue.type !== "strict_object") return `${member} ${messageOf(issue)}`;
  // A strict object has three issues of its own: not an object, an unknown member, a missing member.
  // The name of an unknown member is the caller's text, so it is repeated only if it is a plain name.
  if (issue.expected === "never") {
    return PLAIN_NAME.test(member) ? `${member} is not a known member` : "there is an unknown member";
  }
  return issue.expected === "Object" ? `${member} must be an object` : `${member} is missing`;
}
