import { receive } from "../../receiver.mjs";

export function POST(request: Request): Promise<Response> {
  return receive(request);
}
