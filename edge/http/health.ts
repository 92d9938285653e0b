import { createSigner } from "../../src/signature.ts";

/** The official example of an Async call ("Async API, signature"): its key, its body and its signature. */
const EXAMPLE = {
  merchantId: "123456",
  secretKey: "123456",
  uri: "/v5/g2g/create",
  body: '{"amount":123.42,"currency":"KZT","description":"description","order_id":"order_id","user_id":"user_id","auto_clearing":true,"from":{"type":"card","card":{"name":"CARD HOLDER","pan":"1234567890123456","cvc":"012","year":24,"month":1},"save":true,"recurrent":{"lifetime":3}},"device":{"user_ip":"123.123.123.123"},"urls":{"check_url":"https://webhook.site/2af177da-0d72-4651-a31e-a0ea56ccc8a4","result_url":"https://webhook.site/2af177da-0d72-4651-a31e-a0ea56ccc8a4"}}',
  signature:
    "eyJ1cmkiOiIvdjUvZzJnL2NyZWF0ZSIsImF1dGhfaWQiOiIxMjM0NTYiLCJtZXRob2QiOiJQT1NUIiwicGFyYW1zIjoiIiwiYWxnIjoiSFMyNTYifQ..82NnkgrNjfYu2UnAajnVsJUn2AgJWsqnmCK4x5A7zt0",
} as const;

/** Whether the signer reproduces the official example's signature in this runtime. */
export async function signsAsPublished(): Promise<boolean> {
  try {
    const signer = await createSigner({ merchantId: EXAMPLE.merchantId, secretKey: EXAMPLE.secretKey, algorithm: "HS256" });
    return (await signer.sign(EXAMPLE.uri, new TextEncoder().encode(EXAMPLE.body))) === EXAMPLE.signature;
  } catch {
    return false;
  }
}
