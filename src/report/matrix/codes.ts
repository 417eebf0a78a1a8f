/** Properties in few letters, for tables of many columns. A legend says what each stands for. */

import type { Property } from '../../trace/format.ts';

/** Capitals: unsafe. What has none here is spelt out. */
const CODES: Readonly<Partial<Record<Property, string>>> = {
  'torn-entry': 'TORN',
  'use-after-free': 'UAF',
  'use-after-reuse': 'REUSE',
  'bad-free': 'FREE',
  'lost-pin': 'PIN',
  'stale-translation': 'STALE',
  'lost-store': 'LOST',
  deadlock: 'DEAD',
  'lock-misuse': 'LOCK',
  'ipi-with-irqs-off': 'IRQ',
  'sleep-in-atomic': 'SLEEP',
  'notifier-window': 'MMUN',
  refcount: 'REF',
  bug: 'BUG',
  warn: 'WARN',
  assertion: 'FALSE',
  'wild-access': 'WILD',
  'undefined-value': 'UNDEF',
  livelock: 'LIVE',
  'data-race': 'RACE',
};

export function codeOf(property: Property): string {
  return CODES[property] ?? property.toUpperCase();
}
