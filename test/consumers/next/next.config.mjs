/** The shop shows the app below this path. */
export default { basePath: "/next" };
