package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"ringdex/schema"
)

func testAttributes(t testing.TB) *attributes {
	t.Helper()
	s, err := schema.New()
	if err != nil {
		t.Fatal(err)
	}
	return newAttributes(s, nil)
}

func TestEntryRoundTrip(t *testing.T) {
	t.Parallel()
	id := recordID("Contact", 1)
	for _, c := range []struct {
		name  string
		entry schema.Entry
	}{
		{"nothing but an Id", schema.Entry{Object: "Contact", ID: id, Stamp: base}},
		{"no stamp", schema.Entry{Object: "Contact", ID: id, Stamp: time.Time{}}},
		{"a stamp before 1970", schema.Entry{Object: "Contact", ID: id, Stamp: time.Date(1960, 1, 1, 0, 0, 0, 1000, time.UTC)}},
		{"an empty value", schema.Entry{Object: "Contact", ID: id, Stamp: base, Attributes: []schema.Attribute{{Name: "cn", Values: []schema.Value{{}, {Text: "x"}}}}}},
		{"a long value", schema.Entry{Object: "Contact", ID: id, Stamp: base, Attributes: []schema.Attribute{{Name: "description", Values: []schema.Value{{Text: strings.Repeat("ü", 70_000)}}}}}},
		{"an attribute twice", schema.Entry{Object: "Contact", ID: id, Stamp: base, Attributes: []schema.Attribute{
			{Name: "cn", Values: []schema.Value{{Text: "a"}}}, {Name: "cn", Values: []schema.Value{{Text: "b"}}},
		}}},
		{"number keys", schema.Entry{Object: "Contact", ID: id, Stamp: base, Attributes: []schema.Attribute{
			{Name: "mobile", Values: []schema.Value{{Text: "+49302312501", Original: "030 / 23125-01", Keys: []string{"49302312501", "", "1"}}}},
		}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			attrs := testAttributes(t)
			data, err := appendEntry(nil, &c.entry, attrs)
			if err != nil {
				t.Fatal(err)
			}
			v, ok := openView(data, attrs.list)
			if got := v.Entry(); !ok || !reflect.DeepEqual(got, c.entry) {
				t.Errorf("got %+v, want %+v", got, c.entry)
			}
		})
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for id, ok := range map[string]bool{
		recordID("Contact", 1): true, "": false, "003550000000001": false, "00355000000000001AA": false, "00355000000 0001AAA": false, "003550000000001\x00AA": false,
	} {
		if err := checkID(id); (err == nil) != ok {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// FuzzView reads entries that are anything: no panic, no endless loop, nothing beyond the data.
func FuzzView(f *testing.F) {
	s, err := schema.New()
	if err != nil {
		f.Fatal(err)
	}
	attrs := newAttributes(s, nil)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 5 {
		e := randomEntry(r, "Contact", i, i)
		data, err := appendEntry(nil, &e, attrs)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, ok := openView(data, attrs.list)
		if !ok {
			return
		}
		size, bad := 0, false
		it := v.Values()
		for it.Next() {
			size += len(it.Text()) + len(it.Original())
			for i := range it.Keys() {
				size += len(it.Key(i))
			}
		}
		bad = it.Malformed()
		if size > len(data) {
			t.Errorf("%d bytes of values in %d bytes", size, len(data))
		}
		e := v.Entry()
		if bad || checkID(e.ID) != nil {
			return
		}
		again, err := appendEntry(nil, &e, attrs)
		if err != nil {
			t.Fatal(err)
		}
		w, ok := openView(again, attrs.list)
		if !ok || !reflect.DeepEqual(w.Entry(), e) {
			t.Errorf("%+v became %+v", e, w.Entry())
		}
	})
}

// FuzzChunk reads posting chunks that are anything.
func FuzzChunk(f *testing.F) {
	f.Add(uint32(1), []byte{1, 2, 3})
	f.Add(uint32(1<<32-1), []byte{1})
	f.Add(uint32(0), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, first uint32, data []byte) {
		ords, ok := readChunk(nil, first, data)
		for i := 1; i < len(ords); i++ {
			if ords[i] <= ords[i-1] {
				t.Fatalf("%d after %d", ords[i], ords[i-1])
			}
		}
		if len(ords) > len(data)+1 || ok && len(ords) == 0 {
			t.Fatalf("%d ordinals in %d bytes", len(ords), len(data))
		}
	})
}

// FuzzHeader reads files that are anything.
func FuzzHeader(f *testing.F) {
	f.Add([]byte("not a store"))
	f.Add(bytes.Repeat([]byte{0xed, 0xda, 0x0c, 0xed, 2, 0, 0, 0}, 600))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := t.TempDir() + "/r.db"
		if err := writeFile(path, data); err != nil {
			t.Fatal(err)
		}
		if err := inspect(path); err == nil {
			_ = inspectPages(path) // no panic is all that is asked
		}
	})
}

// TestNextInIsNext holds the quick way through some attributes against the way through all.
func TestNextInIsNext(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 3))
	attrs := make([]AttrInfo, 300)
	for i := range attrs {
		attrs[i] = AttrInfo{Index: i, Name: fmt.Sprint("a", i)}
	}
	table := testAttributes(t)
	table = newAttributes(table.schema, attrs)
	for range 3000 {
		e := schema.Entry{Object: "Contact", ID: recordID("Contact", 1), Stamp: base}
		for i := range rnd.IntN(8) {
			a := schema.Attribute{Name: attrs[i*40+rnd.IntN(40)].Name}
			for range 1 + rnd.IntN(3) {
				v := schema.Value{Text: strings.Repeat("x", rnd.IntN(200))}
				if rnd.IntN(2) == 0 {
					v.Original = "original"
				}
				for range rnd.IntN(3) {
					v.Keys = append(v.Keys, strings.Repeat("7", 1+rnd.IntN(9)))
				}
				a.Values = append(a.Values, v)
			}
			e.Attributes = append(e.Attributes, a)
		}
		data, err := appendEntry(nil, &e, table)
		if err != nil {
			t.Fatal(err)
		}
		if rnd.IntN(3) == 0 {
			data = data[:len(data)-rnd.IntN(len(data)/4)] // cut short
		}
		var set AttributeSet
		for i := range set {
			set[i] = rnd.Uint64()
		}
		v, ok := openView(data, table.list)
		if !ok {
			continue // cut off before the values
		}
		all, some := v.Values(), v.Values()
		for all.Next() {
			if i := all.Attr().Index; i > 255 || set[i/64]>>(i%64)&1 == 0 {
				continue
			}
			if !some.NextIn(&set) {
				if all.Malformed() || some.Malformed() {
					break // an attribute that is passed over counts as a whole
				}
				t.Fatalf("value %q of %s is left out", all.Text(), all.Attr().Name)
			}
			if some.Attr() != all.Attr() || !bytes.Equal(some.Text(), all.Text()) || !bytes.Equal(some.Original(), all.Original()) || some.Keys() != all.Keys() {
				t.Fatalf("got %q of %s, want %q of %s", some.Text(), some.Attr().Name, all.Text(), all.Attr().Name)
			}
		}
		if all.Malformed() {
			continue
		}
		if some.NextIn(&set) || some.Malformed() {
			t.Fatal("a value too many")
		}
	}
}
