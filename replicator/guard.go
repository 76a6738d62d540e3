package replicator

import (
	"context"
	"time"

	"ringdex/replicator/store"
)

// Guard says which changes of an object are held: more deletions than the larger of both, and always zero records where
// there were some.
type Guard struct {
	Records int     // default 50
	Share   float64 // of the object's records, default 0.05
}

// Hold is a change that waits for a person.
type Hold struct {
	Object    string    `json:"object"`
	Kind      string    `json:"kind"` // of the run
	Reason    string    `json:"reason"`
	Since     time.Time `json:"since"`
	Before    int       `json:"before"` // records served
	Added     int       `json:"added"`
	Changed   int       `json:"changed"`
	Deleted   int       `json:"deleted"`
	Unchanged int       `json:"unchanged"`
	Samples   []string  `json:"samples,omitempty"`
	Approved  bool      `json:"approved,omitempty"` // waits for the other objects of the same load
}

// Holds lists what is held, by object.
func Holds(s *store.Store) ([]Hold, error) { return nil, nil }

// Approve lets a held change through. It needs no org: the change lies in the store. Where the same load holds other
// objects too, it takes effect when those are decided as well; done says which it was.
func Approve(ctx context.Context, s *store.Store, object string, progress func(Progress)) (h Hold, done bool, err error) {
	return Hold{}, false, nil
}

// Reject drops a held change: what is served of the object stays as it is. The other objects of the same load take
// effect once they are decided.
func Reject(ctx context.Context, s *store.Store, object string, progress func(Progress)) (h Hold, done bool, err error) {
	return Hold{}, false, nil
}
