package directory

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"ringdex/ldapserver/protocol"
	"ringdex/schema/name"
)

// TestSortedWhileReplicating: sessions that sort share the ranks of a state while the next ones come.
func TestSortedWhileReplicating(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(4, 4))
	entries := randomEntries(t, rnd, 300)
	d := directoryOf(t, entries, nil)
	var asking sync.WaitGroup
	stop := make(chan struct{})
	for i := range 3 {
		asking.Add(1)
		go func() {
			defer asking.Done()
			s := sessionOf(d)
			for n := 0; ; n++ {
				select {
				case <-stop:
					if n < 5 {
						t.Errorf("only %d searches", n)
					}
					return
				default:
				}
				key := []string{"sn", "givenName", "o", "displayName", "cn"}[(n+i)%5]
				req := requestOf(t, "dc=ringdex", protocol.WholeSubtree, "(|(cn=m*)(sn=m*))", key)
				controls := []protocol.Control{sortControl(key)}
				if n%2 == 0 {
					controls = append(controls, windowControl(protocol.VLVRequest{Offset: 1, After: 30}))
				}
				answer := askWith(t, s, req, controls...)
				if answer.code != protocol.Success {
					t.Errorf("sorted by %s: %v", key, answer.code)
				}
				var keys []string
				for i := range answer.list {
					least := "\xff"
					for _, v := range answer.list[i].values(key) {
						least = min(least, name.Fold(v))
					}
					keys = append(keys, least)
				}
				if !slices.IsSorted(keys) {
					t.Errorf("sorted by %s: got %q", key, keys)
				}
			}
		}()
	}
	for range 12 {
		shuffleNames(t, rnd, d, entries, "Contact")
		shuffleNames(t, rnd, d, entries, "Account")
	}
	close(stop)
	asking.Wait()
}
