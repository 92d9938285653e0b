import { bootstrapApplication, provideClientHydration } from "@angular/platform-browser";
import { RenderedComponent } from "./rendered.component";

bootstrapApplication(RenderedComponent, { providers: [provideClientHydration()] }).catch((error: unknown) => console.error(error));
