import { PlaywrightBrowserProvider, playwright } from "@vitest/browser-playwright";
import type { Frame } from "playwright";
import type { BrowserProviderOption } from "vitest/node";

type CommandsContext = ReturnType<PlaywrightBrowserProvider["getCommandsContext"]>;

/**
 * vitest looks for the frame of a test by its name before it types or clicks. In the system's Firefox (WebDriver BiDi) Playwright
 * learns of a frame's name in passing, and on a busy machine not at all: here the frame is the one that the page holds.
 */
class ByPlace extends PlaywrightBrowserProvider {
  override getCommandsContext(sessionId: string): CommandsContext {
    const context = super.getCommandsContext(sessionId);
    const frame = async (): Promise<Frame> => context.page.mainFrame().childFrames().at(-1) ?? context.frame();
    return Object.defineProperty(context, "frame", { value: frame });
  }
}

/** vitest's provider of browsers for the Firefox in this file. */
export function firefoxProvider(executablePath: string): BrowserProviderOption {
  const options = { launchOptions: { channel: "moz-firefox", executablePath } };
  return { ...playwright(options), providerFactory: (project) => new ByPlace(project, options) };
}
