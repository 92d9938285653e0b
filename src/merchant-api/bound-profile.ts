/**
 * Profile ids that only their user can use (docs/merchant-api.md, "Profiles"). Ids of this API are small numbers, and the gateway does not
 * check whose profile is charged. So the merchant gets the id with a part of a MAC over id and user.
 */
import { base64url } from "jose";
import { FreedomPayError } from "../errors.ts";
import { equalTexts } from "../lib/equal-texts.ts";

/** `60144557`, or `60144557.` and 16 base64url characters: 96 bits. */
const BOUND = /^(\d{1,20})(?:\.([A-Za-z0-9_-]{16}))?$/;

const MAC_LENGTH = 16;

/**
 * Binds a profile to its user.
 *
 * @param profileId 1-20 digits.
 * @param userId The user of the payment that made the profile.
 * @param keys The values of CALLBACK_KEY: the first one makes the MAC.
 * @returns `60144557.<16 base64url characters of HMAC-SHA-256(key, "profile|" + profile_id + "|" + user_id)>`
 * @throws {@link FreedomPayError} `input_invalid` for another profile id, `key_invalid` without a key.
 */
export async function bindProfile(profileId: string, userId: string, keys: readonly string[]): Promise<string> {
  if (!/^\d{1,20}$/.test(profileId)) throw new FreedomPayError("input_invalid", "the profile id must be 1 to 20 digits");
  return `${profileId}.${await macOf(profileId, userId, keys[0] ?? "")}`;
}

/** A checked profile id. `bare`: without a MAC, such as that of an imported profile. */
export interface OpenedProfile {
  /** The gateway's own id. */
  readonly profileId: string;
  readonly isBare: boolean;
}

/**
 * Checks a profile id that a merchant or a token names.
 *
 * @param keys The values of CALLBACK_KEY: every one of them may have made the MAC.
 * @returns Null for a text of another form, and for a MAC of another profile, user or key.
 * @throws {@link FreedomPayError} `key_invalid` without a key.
 */
export async function openProfile(boundId: string, userId: string, keys: readonly string[]): Promise<OpenedProfile | null> {
  const [, profileId, given] = BOUND.exec(boundId) ?? [];
  if (profileId === undefined) return null;
  if (given === undefined) return { profileId, isBare: true };
  const macs = await Promise.all((keys.length === 0 ? [""] : keys).map((key) => macOf(profileId, userId, key)));
  // Every MAC is compared in full, so the time says nothing about them.
  const matches = macs.map((mac) => equalTexts(given, mac));
  return matches.includes(true) ? { profileId, isBare: false } : null;
}

async function macOf(profileId: string, userId: string, secret: string): Promise<string> {
  if (secret === "") throw new FreedomPayError("key_invalid", "there must be a CALLBACK_KEY");
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(`profile|${profileId}|${userId}`));
  return base64url.encode(new Uint8Array(mac)).slice(0, MAC_LENGTH);
}
