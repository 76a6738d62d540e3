package replicator

import (
	"context"
	"fmt"
	"math/big"
	"sync/atomic"
	"testing"

	"ringdex/soap"
	"ringdex/soap/emulator"
)

func connections(n int) func(*Options) {
	return func(o *Options) { o.Connections, o.PageSize = n, 200 }
}

func TestIDsAreNumbers(t *testing.T) {
	t.Parallel()
	for _, id := range []soap.ID{"003i000000UPVtqAAH", "000000000000000AAA", "zzzzzzzzzzzzzzzPPP"} {
		if got := idOf(numberOf(id)); got != id.Short() {
			t.Errorf("%s became %s", id.Short(), got)
		}
	}
	if numberOf("003000000000009AAA").Cmp(numberOf("00300000000000AAAB")) >= 0 || numberOf("00300000000000AAAB").Cmp(numberOf("00300000000000aAAA")) >= 0 {
		t.Error("digits come before capital letters, and these before small ones")
	}
	if new(big.Int).Sub(numberOf("003000000000010AAA"), numberOf("003000000000000AAA")).Int64() != 62 {
		t.Error("an Id counts in 62 characters")
	}
}

// Records by parts are the records in one piece, wherever their Ids lie, and the org counts the same calls.
func TestPartsEqualOnePiece(t *testing.T) {
	t.Parallel()
	for _, n := range []int{2, 3, 8} {
		for _, spread := range []string{"close together", "in two heaps"} {
			t.Run(fmt.Sprint(n, " connections, Ids ", spread), func(t *testing.T) {
				t.Parallel()
				b := newBench(t, emulator.Options{Generate: &emulator.Generate{Accounts: 900, Contacts: 2300, Seed: 5}})
				if spread == "in two heaps" {
					for i := range 900 {
						id, err := soap.ParseID(fmt.Sprintf("003zz00000%05d", i))
						b.must(err)
						b.upsert("Contact", emulator.Values{"Id": string(id), "LastName": fmt.Sprint("Fern ", i)})
					}
				}
				want := b.copyOf()
				before := 0
				for _, c := range b.org.Calls() {
					before += c
				}
				result := b.mustRun(RunOptions{}, connections(n))
				sameDump(t, dump(t, b.store), want)
				calls, total := 0, -before
				for _, o := range result.Objects {
					calls += o.APICalls
				}
				for _, c := range b.org.Calls() {
					total += c
				}
				if calls != total {
					t.Errorf("%d API calls, the org counts %d", calls, total)
				}
				meta, err := b.store.Meta()
				if err != nil || meta.Objects[1].Checkpoint.ID != "" || !meta.Objects[1].Checkpoint.Done {
					t.Errorf("checkpoint %+v, %v", meta.Objects[1].Checkpoint, err)
				}
				// What a delta adds to it.
				b.upsert("Contact", emulator.Values{"Id": b.org.IDs("Contact")[0], "Title": "Neu"})
				if result := b.mustRun(RunOptions{Kind: Delta}, connections(n)); result.Kind != Delta || result.Objects[1].Changed != 1 {
					t.Errorf("delta %+v", result)
				}
			})
		}
	}
}

func TestPartsAreOfEqualSize(t *testing.T) {
	t.Parallel()
	b := newBench(t, emulator.Options{Generate: &emulator.Generate{Accounts: 2, Contacts: 2000, Seed: 5}})
	for i := range 2000 { // most of the space between is empty
		id, err := soap.ParseID(fmt.Sprintf("003zz00000%05d", i))
		b.must(err)
		b.upsert("Contact", emulator.Values{"Id": string(id), "LastName": fmt.Sprint("Fern ", i)})
	}
	r, err := b.replicator(connections(4)).newRun(RunOptions{})
	b.must(err)
	ctx := context.Background()
	b.must(r.login(ctx))
	plans, err := r.plans(ctx)
	b.must(err)
	l := &loader{run: r, full: plans}
	parts, err := l.divide(ctx, plans[1], r.meters[1], 4000)
	if err != nil || len(parts) != 4 {
		t.Fatalf("parts %+v, %v", parts, err)
	}
	for i, part := range parts {
		if i > 0 && part.After != parts[i-1].Until {
			t.Errorf("part %d begins at %s, the one before ends at %s", i, part.After, parts[i-1].Until)
		}
		n, err := r.count(ctx, plans[1], nil, behind(soap.ID(part.After)), upTo(part.Until))
		if err != nil || n < 750 || n > 1250 {
			t.Errorf("part %d has %d records, %v", i, n, err)
		}
	}
	if calls := r.meters[1].calls.Load(); calls > 2+3*2*4 {
		t.Errorf("%d calls", calls)
	}
}

// Sessions that end, and a load that breaks off and goes on: with as many connections, with more, or with one.
func TestPartsMeetFaults(t *testing.T) {
	t.Parallel()
	for _, then := range []int{4, 8, 1} {
		t.Run(fmt.Sprint("then ", then, " connections"), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, emulator.Options{Generate: &emulator.Generate{Accounts: 900, Contacts: 3000, Seed: 5}})
			want := b.copyOf()
			b.fault("queryMore:/3:kill-session", "queryMore:/4:http=503", "query:/7:cut=2000")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var reports atomic.Int32
			_, err := b.replicator(connections(4)).Run(ctx, RunOptions{Progress: func(p Progress) {
				if p.Object == "Contact" && p.Records > 800 && reports.Add(1) == 1 {
					cancel()
				}
			}})
			if err == nil {
				t.Fatal("the run was not cancelled")
			}
			b.reopen()
			calls := b.org.Calls()["queryMore"] + b.org.Calls()["query"]
			result := b.mustRun(RunOptions{}, connections(then))
			if result.Objects[1].Rows < 3000 {
				t.Errorf("result %+v", result)
			}
			sameDump(t, dump(t, b.store), want)
			b.org.ClearFaults()
			t.Logf("%d calls, then %d", calls, b.org.Calls()["queryMore"]+b.org.Calls()["query"]-calls)
		})
	}
}
