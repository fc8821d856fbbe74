// What a program that follows the session may show.
export const CHECKING = { kind: 'checking' };
