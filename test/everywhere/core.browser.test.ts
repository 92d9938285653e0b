import "./core.ts";
