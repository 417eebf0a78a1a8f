-- Lockless walkers with interrupts off against one collapse that interrupts
-- them all and waits; the steps of test/explore/toys/gup.ts. COUNT and SYNC are
-- filled in by gup-peers.mjs.

const
  walkers: COUNT;
  sync: SYNC;

type
  Cpu: scalarset(walkers);
  Place: enum { start, look, enter, take, look_again, enter_again, pin, give, finish, gone };
  Phase: enum { unhook, send, gather, count_refs, empty, install, release, rehook, over };
  Entry: enum { none, table, huge };

var
  place: array [Cpu] of Place;
  found: array [Cpu] of Entry;
  masked: array [Cpu] of boolean;
  called: array [Cpu] of boolean;
  phase: Phase;
  answers: 0 .. walkers;
  entry: Entry;
  mapped: boolean;
  released: boolean;
  refs: 0 .. walkers + 1;
  pins: 0 .. walkers;

startstate
begin
  for c: Cpu do
    place[c] := start;
    found[c] := none;
    masked[c] := false;
    called[c] := false;
  end;
  phase := unhook;
  answers := 0;
  entry := table;
  mapped := true;
  released := false;
  refs := 1;
  pins := 0;
end;

ruleset c: Cpu do
  rule "answer the call"
    called[c] & !masked[c] ==>
  begin
    called[c] := false;
    answers := answers + 1;
  end;

  rule "walk on"
    place[c] != gone ==>
  begin
    switch place[c]
      case start:
        masked[c] := true;
        place[c] := look;
      case look:
        found[c] := entry;
        place[c] := entry = table ? enter : finish;
      case enter:
        assert !released "use after free";
        place[c] := mapped ? take : finish;
      case take:
        refs := refs + 1;
        place[c] := look_again;
      case look_again:
        place[c] := entry = found[c] ? enter_again : give;
      case enter_again:
        assert !released "use after free";
        place[c] := mapped ? pin : give;
      case pin:
        assert entry != huge "lost pin";
        pins := pins + 1;
        place[c] := finish;
      case give:
        refs := refs - 1;
        place[c] := finish;
      else
        masked[c] := false;
        found[c] := none;
        place[c] := gone;
    end;
  end;
end;

rule "collapse on"
  phase != over & (phase = gather -> answers = walkers) ==>
begin
  switch phase
    case unhook:
      entry := none;
      phase := sync ? send : count_refs;
    case send:
      for c: Cpu do
        called[c] := true;
      end;
      phase := gather;
    case gather:
      phase := count_refs;
    case count_refs:
      phase := refs = 1 ? empty : rehook;
    case empty:
      mapped := false;
      phase := install;
    case install:
      assert pins = 0 "lost pin";
      entry := huge;
      phase := release;
    case release:
      released := true;
      phase := over;
    else
      entry := table;
      phase := over;
  end;
end;

-- Where nothing is left to do all is well; anywhere else it is a deadlock.
rule "rest"
  phase = over & forall c: Cpu do place[c] = gone end ==>
begin
end;
