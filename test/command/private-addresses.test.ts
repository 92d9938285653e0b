import { expect, test } from "vitest";
import { settingsWithPrivateAddress } from "../../command/private-addresses.ts";

/** A name service with the hosts of these tests. */
async function resolve(hostname: string): Promise<{ address: string; family: number }[]> {
  const hosts: Readonly<Record<string, readonly string[]>> = {
    "inside.example": ["10.1.2.3"],
    "outside.example": ["203.0.113.7"],
    "both.example": ["203.0.113.7", "fd00::1"],
    "mapped.example": ["::ffff:192.168.0.1"],
  };
  const addresses = hosts[hostname];
  if (addresses === undefined) throw new Error("not found");
  return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
}

test.each([
  ["http://127.0.0.1:3000/notify", true],
  ["http://localhost/notify", true],
  ["http://10.0.0.5/notify", true],
  ["https://10.0.0.5/notify", true],
  ["https://172.31.255.255/notify", true],
  ["https://172.32.0.1/notify", false],
  ["https://192.168.1.1/notify", true],
  ["https://169.254.1.1/notify", true],
  ["https://100.64.0.1/notify", true],
  ["https://127.0.0.1/notify", true],
  ["https://[::1]/notify", true],
  ["https://[fd12:3456::1]:8443/notify", true],
  ["https://[2001:db8::1]/notify", false],
  ["https://203.0.113.7/notify", false],
  ["https://inside.example/notify", true],
  ["https://outside.example/notify", false],
  ["https://both.example/notify", true],
  ["https://mapped.example/notify", true],
  ["https://unknown.example/notify", false],
  ["not a URL", false],
  ["", false],
])("NOTIFY_URL %s needs private addresses: %s", async (url, isPrivate) => {
  const settings = { FREEDOM_PAY_URL: "https://outside.example", NOTIFY_URL: url };
  expect(await settingsWithPrivateAddress(settings, resolve)).toEqual(isPrivate ? ["NOTIFY_URL"] : []);
});

test("a gateway on loopback needs them too; settings that are not set need none", async () => {
  expect(await settingsWithPrivateAddress({ FREEDOM_PAY_URL: "http://127.0.0.1:9" }, resolve)).toEqual(["FREEDOM_PAY_URL"]);
  expect(await settingsWithPrivateAddress({}, resolve)).toEqual([]);
});
