//go:build unix

package replicator

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"
	bolt "go.etcd.io/bbolt"

	"ringdex/schema"
	"ringdex/soap"
)

// floorMappings read 20 fields of a contact, and 11 of an account, as peers.sh does.
func floorMappings(b *testing.B) []schema.Mapping {
	b.Helper()
	account, contact := mapping(b, "Account"), mapping(b, "Contact")
	for _, m := range []*schema.Mapping{&account, &contact} {
		m.Attributes = slices.DeleteFunc(m.Attributes, func(a schema.MappedAttribute) bool {
			return slices.Contains([]string{"assistant", "telephoneAssistant", "createTimestamp"}, a.Name)
		})
		m.CountryFields = m.CountryFields[:1]
	}
	salutation, err := schema.ParseTemplate("{Salutation}")
	if err != nil {
		b.Fatal(err)
	}
	contact.Attributes = append(contact.Attributes, schema.MappedAttribute{Name: "personalTitle", Templates: []*schema.Template{salutation}})
	fields := len(contact.Fields()) + len([]string{"Id", "SystemModstamp"})
	if fields != 20 {
		b.Fatalf("%d fields of a contact: %v", fields, contact.Fields())
	}
	return []schema.Mapping{account, contact}
}

func startEmulator(b *testing.B, contacts int) (url string) {
	b.Helper()
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), emulatedContacts+"="+strconv.Itoa(contacts))
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// processorTime of this process, user and system.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// recording keeps the replies that have records.
type recording struct {
	mu     sync.Mutex
	bodies [][]byte
}

func (r *recording) RoundTrip(q *http.Request) (*http.Response, error) {
	reply, text, err := plainReply(q)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(text, []byte("<records")) {
		r.mu.Lock()
		r.bodies = append(r.bodies, text)
		r.mu.Unlock()
	}
	reply.Body = io.NopCloser(bytes.NewReader(text))
	return reply, nil
}

// scanByHand looks at every element and its text, and counts the records.
func scanByHand(body []byte) (records, text int) {
	for {
		at := bytes.IndexByte(body, '<')
		if at < 0 {
			return records, text
		}
		text += len(bytes.TrimSpace(body[:at]))
		body = body[at+1:]
		end := bytes.IndexByte(body, '>')
		if end < 0 {
			return records, text
		}
		if bytes.HasPrefix(body, []byte("records ")) || bytes.HasPrefix(body, []byte("records>")) {
			records++
		}
		body = body[end+1:]
	}
}

// numbersOf are the spelled numbers that a full copy of the object normalises.
func numbersOf(b *testing.B, o *Options, object string) (texts []string) {
	b.Helper()
	m := o.Mappings[slices.IndexFunc(o.Mappings, func(m schema.Mapping) bool { return m.Object == object })]
	fields := []string{"Id"}
	for _, a := range m.Attributes {
		if t, ok := o.Schema.Attribute(a.Name); !ok || !t.Syntax.IsNumber() {
			continue
		}
		for _, t := range a.Templates {
			fields = append(fields, t.Fields()...)
		}
	}
	for page := range pagesOf(b, o.Client, "SELECT "+strings.Join(fields, ", ")+" FROM "+object) {
		for i := range page.Records {
			for _, f := range fields[1:] {
				if text := page.Records[i].Field(f); text != "" {
					texts = append(texts, strings.Clone(text))
				}
			}
		}
	}
	return texts
}

func pagesOf(b *testing.B, c *soap.Client, soql string) func(func(soap.Page) bool) {
	return func(yield func(soap.Page) bool) {
		for q := c.Query(b.Context(), soql, soap.QueryOptions{}); ; {
			page, err := q.Page(b.Context())
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				b.Fatal(err)
			}
			if !yield(page) {
				return
			}
		}
	}
}

// storedEntries are the keys and values of what a store serves, in order.
func storedEntries(b *testing.B, path string) (entries [][2][]byte) {
	b.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if err := db.View(func(tx *bolt.Tx) error {
		n := binary.BigEndian.Uint64(tx.Bucket([]byte("ringdex")).Get([]byte("tree")))
		return tx.Bucket(fmt.Appendf(nil, "generation-%016x", n)).Bucket([]byte("entry")).ForEach(func(k, v []byte) error {
			entries = append(entries, [2][]byte{bytes.Clone(k), bytes.Clone(v)})
			return nil
		})
	}); err != nil {
		b.Fatal(err)
	}
	return entries
}

func writeEntries(path string, entries [][2][]byte) error {
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoFreelistSync: true})
	if err != nil {
		return err
	}
	const transaction = 4 << 20
	for len(entries) > 0 {
		if err := db.Update(func(tx *bolt.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists([]byte("entry"))
			if err != nil {
				return err
			}
			bucket.FillPercent = 0.95
			written := 0
			for ; len(entries) > 0 && written < transaction; entries = entries[1:] {
				if err := bucket.Put(entries[0][0], entries[0][1]); err != nil {
					return err
				}
				written += len(entries[0][1])
			}
			return nil
		}); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	return db.Close()
}

// BenchmarkFloor measures what no copy can do without, in processor time for a record, with the bytes of an emulated org:
// looking at the XML by hand, parsing the numbers with phonenumbers, writing the entries with bbolt in their order. Beside it
// is the copy, with all its indexes, and how many times the sum of its floors it takes. A contact has 20 fields and three numbers. RINGDEX_BENCH_ENTRIES sets the
// number of contacts; there is an account to ten of them.
func BenchmarkFloor(b *testing.B) {
	contacts := 20_000
	if v := os.Getenv("RINGDEX_BENCH_ENTRIES"); v != "" {
		var err error
		if contacts, err = strconv.Atoi(v); err != nil {
			b.Fatal(err)
		}
	}
	url := startEmulator(b, contacts)
	dir := b.TempDir()
	records := contacts + contacts/10

	first := &bench{t: b, path: filepath.Join(dir, "first.db")}
	first.open()
	defer func() { _ = first.store.Close() }()
	recorded := &recording{}
	o := first.optionsAt(url)
	o.Mappings = floorMappings(b)
	o.Client = first.clientAt(url, func(o *soap.Options) { o.Transport = recorded })
	copyWith(b, o)
	bodies := recorded.bodies
	o.Client = first.clientAt(url)
	numbers := numbersOf(b, &o, "Contact")
	if len(numbers) != contacts*floorNumbers {
		b.Fatalf("%d contacts have %d numbers, want %d each", contacts, len(numbers), floorNumbers)
	}
	numbers = append(numbers, numbersOf(b, &o, "Account")...)
	if err := first.store.Close(); err != nil {
		b.Fatal(err)
	}
	entries := storedEntries(b, first.path)

	sum := 0.0
	measure := func(name string, floor bool, f func(b *testing.B)) {
		each := 0.0
		b.Run(fmt.Sprintf("%s/contacts=%dk", name, contacts/1000), func(b *testing.B) {
			began := processorTime(b)
			for b.Loop() {
				f(b)
			}
			each = float64(processorTime(b)-began) / float64(b.N) / float64(records) / 1e3
			b.ReportMetric(each, "cpu-µs/record")
			if !floor && sum > 0 {
				b.ReportMetric(sum, "floors-µs/record")
				b.ReportMetric(each/sum, "x-floors")
			}
		})
		if floor {
			sum += each
		}
	}
	measure("xml", true, func(b *testing.B) {
		found := 0
		for _, body := range bodies {
			n, _ := scanByHand(body)
			found += n
		}
		if found < records {
			b.Fatalf("%d records of %d", found, records)
		}
	})
	measure("numbers", true, func(b *testing.B) {
		valid := 0
		for _, text := range numbers {
			if n, err := phonenumbers.Parse(text, "DE"); err == nil && phonenumbers.Format(n, phonenumbers.E164) != "" {
				valid++
			}
		}
		if valid == 0 {
			b.Fatal("no number is valid")
		}
	})
	path := filepath.Join(dir, "floor.db")
	measure("bbolt", true, func(b *testing.B) {
		if err := errors.Join(writeEntries(path, entries), os.Remove(path)); err != nil {
			b.Fatal(err)
		}
	})
	recorded.bodies, bodies, numbers, entries = nil, nil, nil, nil
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(collectorGoal)) // as the program has it
	measure("copy", false, func(b *testing.B) {
		x := &bench{t: b, path: filepath.Join(dir, "copy.db")}
		x.open()
		copied := x.optionsAt(url)
		copied.Mappings = o.Mappings
		copyWith(b, copied)
		if err := errors.Join(x.store.Close(), os.Remove(x.path)); err != nil {
			b.Fatal(err)
		}
	})
}

func copyWith(b *testing.B, o Options) {
	b.Helper()
	r, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := r.Run(context.Background(), RunOptions{}); err != nil {
		b.Fatal(err)
	}
}
