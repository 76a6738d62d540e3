package phone

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"slices"
)

// maxNational is the longest national significant number that libphonenumber accepts.
const maxNational = 17

// maxStates bounds one automaton. The largest has about 500 states.
const maxStates = 40000

// errPattern says that a pattern has something a digit automaton can't express.
var errPattern = errors.New("phone: numbering plan pattern is not a plain digit pattern")

// automaton decides in one walk over the digits which of several anchored patterns match. The patterns of a numbering
// plan are regular and finite, so that the walk gives the same answers as the regular expressions, at a hundredth of
// the price.
type automaton struct {
	next   [][10]uint16 // state 0 is the dead state, 1 the start
	accept []uint16     // per state: bit i is set if pattern i matches here
}

// match returns the set of patterns that match the whole of digits. Anything but ASCII digits matches nothing.
func (a *automaton) match(digits []byte) uint16 {
	state := uint16(1)
	for _, c := range digits {
		d := c - '0'
		if d > 9 {
			return 0
		}
		state = a.next[state][d]
	}
	return a.accept[state]
}

// thread is one position in one compiled pattern.
type thread struct {
	pattern uint16
	pc      uint16
}

// automatonBuilder makes an automaton by the subset construction.
type automatonBuilder struct {
	progs  []*syntax.Prog
	seen   map[string]uint16
	sets   [][]thread
	result automaton
}

// newAutomaton compiles up to 16 patterns, each anchored at both ends.
func newAutomaton(patterns []string) (*automaton, error) {
	b := automatonBuilder{seen: make(map[string]uint16)}
	for _, pattern := range patterns {
		re, err := syntax.Parse("(?:"+pattern+")", syntax.Perl)
		if err != nil {
			return nil, fmt.Errorf("phone: numbering plan pattern: %w", err)
		}
		prog, err := syntax.Compile(re.Simplify())
		if err != nil {
			return nil, fmt.Errorf("phone: numbering plan pattern: %w", err)
		}
		if len(prog.Inst) > 1<<16-1 {
			return nil, errPattern
		}
		b.progs = append(b.progs, prog)
	}
	b.add(nil, 0) // the dead state
	var start []thread
	var accept uint16
	for i, prog := range b.progs {
		if err := b.closure(uint16(i), uint32(prog.Start), &start, &accept); err != nil {
			return nil, err
		}
	}
	b.add(start, accept)
	for state := 1; state < len(b.sets); state++ {
		for digit := range 10 {
			var set []thread
			var accept uint16
			for _, t := range b.sets[state] {
				inst := &b.progs[t.pattern].Inst[t.pc]
				if !inst.MatchRune(rune('0' + digit)) {
					continue
				}
				if err := b.closure(t.pattern, inst.Out, &set, &accept); err != nil {
					return nil, err
				}
			}
			b.result.next[state][digit] = b.add(set, accept)
		}
		if len(b.sets) > maxStates {
			return nil, errPattern
		}
		b.sets[state] = nil
	}
	return &b.result, nil
}

// closure follows the instructions that consume nothing.
func (b *automatonBuilder) closure(pattern uint16, pc uint32, set *[]thread, accept *uint16) error {
	work := []uint32{pc}
	for len(work) > 0 {
		pc := work[len(work)-1]
		work = work[:len(work)-1]
		inst := &b.progs[pattern].Inst[pc]
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			work = append(work, inst.Arg, inst.Out)
		case syntax.InstCapture, syntax.InstNop:
			work = append(work, inst.Out)
		case syntax.InstMatch:
			*accept |= 1 << pattern
		case syntax.InstFail:
		case syntax.InstEmptyWidth:
			return errPattern
		default:
			t := thread{pattern, uint16(pc)}
			if !slices.Contains(*set, t) {
				*set = append(*set, t)
			}
		}
	}
	return nil
}

// add returns the state of a set of threads.
func (b *automatonBuilder) add(set []thread, accept uint16) uint16 {
	slices.SortFunc(set, func(x, y thread) int {
		return (int(x.pattern)<<16 + int(x.pc)) - (int(y.pattern)<<16 + int(y.pc))
	})
	key := make([]byte, 0, 2+4*len(set))
	key = append(key, byte(accept), byte(accept>>8))
	for _, t := range set {
		key = append(key, byte(t.pattern), byte(t.pc), byte(t.pc>>8))
	}
	if state, ok := b.seen[string(key)]; ok {
		return state
	}
	state := uint16(len(b.sets))
	b.seen[string(key)] = state
	b.sets = append(b.sets, set)
	b.result.next = append(b.result.next, [10]uint16{})
	b.result.accept = append(b.result.accept, accept)
	return state
}
