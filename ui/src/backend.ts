// The one way from the page to everything else. No token ever passes here.

import type {
  ActivityEntry, AppListing, Desktop, Diagnostics, DoctorEvent, PairingListing, Settings,
} from './api/answers.ts';
import type { View } from './api/snapshot.ts';

export type LoginMode = 'sign_in' | 'change_role' | 'reauthenticate';

/** Every method rejects with a `Failure`: `{code, message, remedy}`. */
export interface Backend {
  now(): Promise<View>;
  /** Calls `hear` whenever something changed; the answer stops it. */
  follow(hear: (view: View) => void): Promise<() => void>;
  login(mode: LoginMode): Promise<{ readonly attempt: string }>;
  cancelLogin(): Promise<null>;
  /** To be copied where no browser opened. */
  loginAddress(): Promise<string | null>;
  logout(): Promise<null>;
  staySignedIn(): Promise<null>;
  apps(): Promise<readonly AppListing[]>;
  pairings(): Promise<readonly PairingListing[]>;
  approve(pairing: string, code: string): Promise<null>;
  decline(pairing: string): Promise<null>;
  revokeApp(id: string): Promise<null>;
  /** The oldest first. */
  activity(): Promise<readonly ActivityEntry[]>;
  diagnostics(): Promise<Diagnostics>;
  /** Comes back when all checks are done. */
  doctor(cis2: boolean, hear: (event: DoctorEvent) => void): Promise<null>;
  settings(): Promise<Settings>;
  setDesktop<K extends keyof Desktop>(key: K, value: Desktop[K]): Promise<Settings>;
  supportBundle(): Promise<{ readonly file: string }>;
  firstStart(): Promise<boolean>;
  firstStartDone(): Promise<null>;
  /** Says that the page is there and answers; gives where it is to be, if the user asked for a view meanwhile. */
  opened(): Promise<string | null>;
  /** Calls `hear` whenever the user asks for the window, which is open; the answer stops it. */
  onOpen(hear: () => void): Promise<() => void>;
  about(): Promise<{ readonly version: string; readonly licence: string }>;
}
