// The real backend: commands and the event of the Rust side.

import { Channel, invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { tick } from 'svelte';

import type { DoctorEvent } from './api/answers.ts';
import type { View } from './api/snapshot.ts';
import type { Backend } from './backend.ts';

export const tauri: Backend = {
  now: () => invoke('now'),
  follow: (hear) => listen<View & { number: number }>('view', ({ payload }) => {
    hear(payload);
    // A page that hangs says nothing, and is closed: it may show somebody who has signed out.
    void tick().then(() => invoke('shown', { number: payload.number }));
  }),
  login: (mode) => invoke('login', { mode }),
  cancelLogin: () => invoke('cancel_login'),
  loginAddress: () => invoke('login_address'),
  logout: () => invoke('logout'),
  staySignedIn: () => invoke('stay_signed_in'),
  apps: () => invoke('apps'),
  pairings: () => invoke('pairings'),
  approve: (pairing, code) => invoke('approve', { pairing, code }),
  decline: (pairing) => invoke('decline', { pairing }),
  revokeApp: (id) => invoke('revoke_app', { id }),
  activity: () => invoke('activity'),
  diagnostics: () => invoke('diagnostics'),
  doctor: (cis2, hear) => invoke('doctor', { cis2, events: new Channel<DoctorEvent>(hear) }),
  settings: () => invoke('settings'),
  setDesktop: (key, value) => invoke('set_desktop', { key, value }),
  supportBundle: () => invoke('support_bundle'),
  firstStart: () => invoke('first_start'),
  firstStartDone: () => invoke('first_start_done'),
  opened: () => invoke('opened'),
  onOpen: (hear) => listen('open', () => hear()),
  about: () => invoke('about'),
};
