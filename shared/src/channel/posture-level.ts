/** How well a setting, or a whole site, is guarded; weakest first. */
export const POSTURE_LEVELS = ['low', 'medium', 'high'] as const;

/** A level of security; a site has that of its weakest setting. */
export type PostureLevel = (typeof POSTURE_LEVELS)[number];

/** Whether a level is not enough where another one is demanded. */
export function isBelow(level: PostureLevel, required: PostureLevel): boolean {
  return POSTURE_LEVELS.indexOf(level) < POSTURE_LEVELS.indexOf(required);
}

/** The level of the weakest; nothing that could be weak is high. */
export function weakest(levels: Iterable<PostureLevel>): PostureLevel {
  let found: PostureLevel = 'high';
  for (const level of levels) if (isBelow(level, found)) found = level;
  return found;
}
