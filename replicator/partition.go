package replicator

import (
	"context"
	"math/big"
	"slices"
	"strings"

	"ringdex/soap"
)

// With several connections the Ids of an object are divided, so that each connection reads a range of its own, in order.
// The bounds are Ids, of records or not; whichever they are, and in whatever order the org compares Ids, every record is
// in one range, and the org's count is compared with what came.

const (
	// partPages is how many pages a part must have to be worth its calls.
	partPages = 2
	// maxProbes is how often a bound is looked for. Each costs a count and a search for the record beside it: Ids lie in
	// heaps, and from the edge of a heap interpolation is quick where halving would cross 60 bits.
	maxProbes = 10
	// partSlack is by which share of a part a bound may miss its place.
	partSlack = 8
)

// part is a range of an object's Ids that is loaded in order. Both bounds may be open.
type part struct {
	After string `json:"after,omitempty"` // the last Id stored, at first the bound before
	Until string `json:"until,omitempty"` // the last Id that may belong to it
	Done  bool   `json:"done,omitempty"`
}

// mark is a point in the Ids with the number of records up to it.
type mark struct {
	id   *big.Int
	rank int
}

// divide makes parts of about the same number of records, nil if it isn't worth it.
func (l *loader) divide(ctx context.Context, p *plan, m *meter, records int) ([]part, error) {
	n := min(l.o.Connections, records/(partPages*l.o.PageSize))
	if n < 2 {
		return nil, nil
	}
	first, err := l.edge(ctx, p, m, "", "")
	if err != nil {
		return nil, err
	}
	last, err := l.edge(ctx, p, m, "", " DESC")
	if err != nil || first == nil || last == nil || first.Cmp(last) >= 0 {
		return nil, err
	}
	marks := []mark{{first, 1}, {last, records}}
	parts := []part{{}}
	for k := 1; k < n; k++ {
		bound, err := l.bound(ctx, p, m, &marks, records*k/n, records/n/partSlack)
		if err != nil {
			return nil, err
		}
		id, err := soap.ParseID(idOf(bound))
		if err != nil {
			return nil, err
		}
		if open := &parts[len(parts)-1]; open.After != string(id) {
			open.Until = string(id)
			parts = append(parts, part{After: string(id)})
		}
	}
	l.log(p).WithField("parts", len(parts)).Debug("the object is loaded in parts")
	return parts, nil
}

// edge returns the first Id under a condition in an order, nil if there is none.
func (l *loader) edge(ctx context.Context, p *plan, m *meter, where, order string) (*big.Int, error) {
	q := l.pages(p, m, false, position{}, func(position) string {
		return "SELECT Id, " + p.stampField + p.from(p.condition(), where) + " ORDER BY Id" + order + " LIMIT 1"
	})
	page, err := q.next(ctx)
	if isEOF(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return numberOf(page.Records[0].ID), nil
}

// bound finds an Id with about as many records up to it as target says: by halving and by interpolation in turn, between
// the nearest marks that are known.
func (l *loader) bound(ctx context.Context, p *plan, m *meter, marks *[]mark, target, slack int) (*big.Int, error) {
	best := (*marks)[0]
	for probe := range maxProbes {
		i := slices.IndexFunc(*marks, func(x mark) bool { return x.rank >= target })
		if i <= 0 {
			break
		}
		low, high := (*marks)[i-1], (*marks)[i]
		for _, x := range []mark{low, high} {
			if distance(x.rank, target) < distance(best.rank, target) {
				best = x
			}
		}
		span := new(big.Int).Sub(high.id, low.id)
		if distance(best.rank, target) <= slack || span.Cmp(big.NewInt(1)) <= 0 {
			break
		}
		step := new(big.Int).Rsh(span, 1)
		if probe%2 == 0 && high.rank > low.rank {
			step.Mul(span, big.NewInt(int64(target-low.rank))).Div(step, big.NewInt(int64(high.rank-low.rank)))
		}
		if step.Sign() == 0 {
			step.SetInt64(1)
		}
		if step.Cmp(span) >= 0 {
			step.Sub(span, big.NewInt(1))
		}
		at := new(big.Int).Add(low.id, step)
		id, err := soap.ParseID(idOf(at))
		if err != nil {
			return nil, err
		}
		rank, err := l.count(ctx, p, m, upTo(string(id)))
		if err != nil {
			return nil, err
		}
		found, err := l.beside(ctx, p, m, mark{at, min(max(rank, low.rank), high.rank)}, target)
		if err != nil {
			return nil, err
		}
		if found.id.Cmp(low.id) <= 0 || found.id.Cmp(high.id) >= 0 { // nothing lies between
			found = mark{at, min(max(rank, low.rank), high.rank)}
		}
		*marks = slices.Insert(*marks, i, found)
	}
	return best.id, nil
}

// beside moves a mark to the record next to it, towards the target.
func (l *loader) beside(ctx context.Context, p *plan, m *meter, at mark, target int) (mark, error) {
	id, err := soap.ParseID(idOf(at.id))
	if err != nil {
		return at, err
	}
	where, order, rank := upTo(string(id)), " DESC", at.rank
	if at.rank < target {
		where, order, rank = behind(id), "", at.rank+1
	}
	next, err := l.edge(ctx, p, m, where, order)
	if err != nil || next == nil {
		return at, err
	}
	return mark{next, rank}, nil
}

func distance(a, b int) int { return max(a-b, b-a) }

// idDigits are the characters of an Id by their value.
const idDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// numberOf reads the 15 characters of an Id as a number.
func numberOf(id soap.ID) *big.Int {
	n, base := new(big.Int), big.NewInt(int64(len(idDigits)))
	for _, c := range []byte(id.Short()) {
		n.Add(n.Mul(n, base), big.NewInt(int64(strings.IndexByte(idDigits, c))))
	}
	return n
}

// idOf is the opposite of numberOf.
func idOf(n *big.Int) string {
	rest, digit, base := new(big.Int).Set(n), new(big.Int), big.NewInt(int64(len(idDigits)))
	var id [15]byte
	for i := len(id) - 1; i >= 0; i-- {
		rest.DivMod(rest, base, digit)
		id[i] = idDigits[digit.Int64()]
	}
	return string(id[:])
}

// parts loads an object's parts, each as soon as a connection is free.
func (l *loader) parts(ctx context.Context, p *plan, m *meter, o *objectLoad) error {
	g := newGroup(ctx)
	for i := range o.tally.Parts {
		if part := &o.tally.Parts[i]; !part.Done {
			g.run(func(ctx context.Context) error {
				return l.connected(ctx, func() error { return l.stream(ctx, p, m, o, part) })
			})
		}
	}
	return g.wait()
}

// connected does f while one of the connections is free for it.
func (l *loader) connected(ctx context.Context, f func() error) error {
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-l.slots }()
	return f()
}
