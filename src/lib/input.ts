/** Reading what a caller gave by a schema, with errors that name the member that is wrong and never its value. */
import * as v from "valibot";
import { FreedomPayError } from "../errors.ts";

/**
 * The input, once it fits the schema.
 *
 * @param schema A valibot schema whose own messages complete the sentence "`member` …", such as "must be a boolean".
 * @param input What the caller gave.
 * @returns The schema's output.
 * @throws {@link FreedomPayError} `input_invalid`, naming the first member that does not fit.
 */
export function readInput<Output>(schema: v.GenericSchema<unknown, Output>, input: unknown): Output {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  throw new FreedomPayError("input_invalid", sentence(result.issues[0]));
}

const PLAIN_NAME = /^[A-Za-z_.]{1,64}$/;

/** The schema's own message. valibot's are left out: they begin with "Invalid" and repeat the value, which may be a secret. */
function messageOf({ message }: v.BaseIssue<unknown>): string {
  return message.startsWith("Invalid ") ? "is not valid" : message;
}

function sentence(issue: v.BaseIssue<unknown>): string {
  const member = v.getDotPath(issue);
  if (member === null) return issue.type === "strict_object" ? "the input must be an object" : `the input ${messageOf(issue)}`;
  if (issue.type !== "strict_object") return `${member} ${messageOf(issue)}`;
  // A strict object reports three faults of its own: not an object, a member too many, a member missing.
  // The name of a stranger is the caller's own text: it is repeated only where it can be no more than a name.
  if (issue.expected === "never") {
    return PLAIN_NAME.test(member) ? `${member} is not a member that is known here` : "there is a member that is not known here";
  }
  return issue.expected === "Object" ? `${member} must be an object` : `${member} is missing`;
}
