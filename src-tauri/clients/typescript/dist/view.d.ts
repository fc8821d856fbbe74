import type { EndReason, Session, Snapshot } from './snapshot.js';
/** What a program may show: patient data only while it is `signedIn`. */
export type View = 
/** Not known yet, or not any more: locked until the agent has been asked. */
{
    readonly kind: 'checking';
}
/** Somebody is signed in. */
 | {
    readonly kind: 'signedIn';
    readonly session: Session;
    readonly snapshot: Snapshot;
}
/** Nobody is signed in, or nobody can know: locked. */
 | {
    readonly kind: 'signedOut';
    readonly reason: SignedOutReason;
};
/** Why a program shows nobody as signed in: the agent's reason for the end of the session, or */
export type SignedOutReason = 
/** The agent says that nobody is. */
'not_signed_in'
/** Another session has taken its place. */
 | 'other_session'
/** Another run of the agent answers; the session was the old one's. */
 | 'agent_restarted'
/** The agent could not be reached for 3 s. */
 | 'agent_lost'
/** The agent said nothing for 30 s. */
 | 'agent_silent'
/** The agent does not let this program see the session (any more). */
 | 'refused'
/** The agent uses another CIS2 than this program does. */
 | 'other_environment' | EndReason;
export declare const CHECKING: View;
