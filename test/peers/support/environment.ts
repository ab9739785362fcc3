/** What the machine tells: where programs lie, and whether this is CI; read here and nowhere else. */
// biome-ignore lint/style/noProcessEnv: child programs need PATH and HOME, and CI is told by a variable only.
export const environment: NodeJS.ProcessEnv = process.env;
