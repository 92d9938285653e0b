// npm run build:element: builds the element's file if it is missing or older than its sources. wrangler runs it before it builds the Worker.
import { buildElementIfStale } from "./element.ts";

await buildElementIfStale();
