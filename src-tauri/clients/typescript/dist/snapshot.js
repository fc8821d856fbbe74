// The one document that describes everything, as the agent writes it (contract, section 3.1).
// Fields that do not apply are absent; fields that are not named here are to be ignored.
/** The role chosen at CIS2, when it is among the user's roles. */
export function selectedRole(user) {
    return user.roles?.find((role) => role.person_roleid === user.selected_roleid);
}
/** The session, while it counts as one. */
export function activeSession(snapshot) {
    return snapshot.state === 'active' ? snapshot.session : undefined;
}
/** Whether a document can be taken for a snapshot: what every decision here rests on is there. */
export function isSnapshot(value) {
    if (typeof value !== 'object' || value === null)
        return false;
    const { boot, revision, environment, state, session } = value;
    return typeof boot === 'string' && Number.isSafeInteger(revision)
        && typeof environment === 'string' && typeof state === 'string'
        && (session === undefined
            || (typeof session === 'object' && session !== null && 'id' in session
                && typeof session.id === 'string'));
}
