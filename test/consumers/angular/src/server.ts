import type { BootstrapContext } from "@angular/platform-browser";
import { bootstrapApplication, provideClientHydration } from "@angular/platform-browser";
import { provideServerRendering, RenderMode, withRoutes } from "@angular/ssr";
import { RenderedComponent } from "./rendered.component";

const providers = [provideClientHydration(), provideServerRendering(withRoutes([{ path: "**", renderMode: RenderMode.Prerender }]))];

const bootstrap = (context: BootstrapContext) => bootstrapApplication(RenderedComponent, { providers }, context);

export default bootstrap;
