import { PlaywrightBrowserProvider, playwright } from "@vitest/browser-playwright";
import type { Frame } from "playwright";
import type { BrowserProviderOption } from "vitest/node";

type CommandsContext = ReturnType<PlaywrightBrowserProvider["getCommandsContext"]>;

/**
 * Finds the frame of a test by its position. vitest searches for it by name before it types or clicks, but with the system's Firefox
 * (WebDriver BiDi) Playwright may not know the name on a busy machine.
 */
class LastFrameProvider extends PlaywrightBrowserProvider {
  override getCommandsContext(sessionId: string): CommandsContext {
    const context = super.getCommandsContext(sessionId);
    const frame = async (): Promise<Frame> => context.page.mainFrame().childFrames().at(-1) ?? context.frame();
    return Object.defineProperty(context, "frame", { value: frame });
  }
}

/** vitest's browser provider for the Firefox at this path. */
export function firefoxProvider(executablePath: string): BrowserProviderOption {
  const options = { launchOptions: { channel: "moz-firefox", executablePath } };
  return { ...playwright(options), providerFactory: (project) => new LastFrameProvider(project, options) };
}
