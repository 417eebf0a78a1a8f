/** Ways to make the machine wrong on purpose, one at a time; for tests of the tests. */
export type MachineMutation =
  | 'grace-waits-for-nobody'
  | 'grace-waits-for-everybody'
  | 'flush-skips-a-cpu'
  | 'wide-in-one-step'
  | 'no-irq-guard'
  | 'no-rcu-guard'
  | 'no-lock-guard'
  | 'no-control'
  | 'locked-does-not-drain'
  | 'forwarded-unseen'
  | 'flush-keeps-entries'
  | 'closure-without-psc'
  | 'walker-sees-buffer'
  | 'free-ignores-tlbs'
  | 'entries-change-unseen'
  | 'secondary-walks-unlogged'
  // Conditions of handlers in one step, each left out.
  | 'two-noticed-in-one-step'
  | 'crowded-handlers-in-one-step'
  | 'loans-for-nothing'
  | 'loans-written-unseen'
  | 'unmasked-is-private';
