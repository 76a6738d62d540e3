package store

import (
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
)

// A build has two halves that need a processor each: one goroutine reads what was staged and writes with bbolt, others make
// the lists meanwhile. What passes between them goes in parcels that are used again.

const (
	parcelBytes = 128 << 10
	parcels     = 64 // on their way at a time
)

// parcel is a number of byte strings.
type parcel struct {
	data []byte
	ends []uint32
	left atomic.Int32 // who still reads it
}

// string returns string i.
func (p *parcel) string(i int) []byte {
	from := uint32(0)
	if i > 0 {
		from = p.ends[i-1]
	}
	return p.data[from:p.ends[i]:p.ends[i]]
}

func (p *parcel) add(parts ...[]byte) {
	for _, b := range parts {
		p.data = append(p.data, b...)
	}
	p.ends = append(p.ends, uint32(len(p.data)))
}

func (p *parcel) full() bool { return len(p.data) >= parcelBytes }

func newParcels() chan *parcel {
	free := make(chan *parcel, parcels)
	for range parcels {
		free <- &parcel{}
	}
	return free
}

func (p *parcel) empty() *parcel {
	p.data, p.ends = p.data[:0], p.ends[:0]
	return p
}

// relay hands entries in the order of their ordinals to readers with a goroutine each.
type relay struct {
	free    chan *parcel
	at      *parcel
	readers []chan *parcel
	errs    []error
	failed  atomic.Bool
	wg      sync.WaitGroup
}

func newRelay(readers ...func(ord uint32, data []byte) error) *relay {
	r := &relay{free: newParcels(), errs: make([]error, len(readers))}
	for i, read := range readers {
		c := make(chan *parcel, parcels)
		r.readers = append(r.readers, c)
		r.wg.Go(func() {
			for p := range c {
				if r.errs[i] == nil {
					if r.errs[i] = safely(func() error { return p.entries(read) }); r.errs[i] != nil {
						r.failed.Store(true)
					}
				}
				if p.left.Add(-1) == 0 {
					r.free <- p
				}
			}
		})
	}
	return r
}

func (p *parcel) entries(read func(ord uint32, data []byte) error) error {
	for i := range p.ends {
		b := p.string(i)
		if err := read(binary.BigEndian.Uint32(b), b[4:]); err != nil {
			return err
		}
	}
	return nil
}

var errRelay = errors.New("store: a reader of the entries has failed")

// add passes an entry on. After errRelay, close has the error of the reader.
func (r *relay) add(ord, data []byte) error {
	if r.failed.Load() {
		return errRelay
	}
	if r.at == nil {
		r.at = (<-r.free).empty()
	}
	if r.at.add(ord, data); r.at.full() {
		r.send()
	}
	return nil
}

func (r *relay) send() {
	r.at.left.Store(int32(len(r.readers)))
	for _, c := range r.readers {
		c <- r.at
	}
	r.at = nil
}

// close waits until the readers have read everything. It may be called again.
func (r *relay) close() error {
	if r.readers == nil {
		return nil
	}
	if r.at != nil {
		r.send()
	}
	for _, c := range r.readers {
		close(c)
	}
	r.readers = nil
	r.wg.Wait()
	return errors.Join(r.errs...)
}

// putFunc takes a key with its value and the bucket that they belong into. They are valid during the call.
type putFunc func(bucket, key, value []byte) error

func (p *parcel) records(put putFunc) error {
	for i := 0; i < len(p.ends); i += 3 {
		if err := put(p.string(i), p.string(i+1), p.string(i+2)); err != nil {
			return err
		}
	}
	return nil
}

var errPump = errors.New("store: nobody reads what is made")

// pump runs produce in a goroutine of its own and put, with what it puts out, in this one.
func pump(produce func(put putFunc) error, put putFunc) error {
	free, full, stop := newParcels(), make(chan *parcel, parcels), make(chan struct{})
	var made error
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(full)
		p := <-free
		made = safely(func() error {
			return produce(func(bucket, key, value []byte) error {
				p.add(bucket)
				p.add(key)
				p.add(value)
				if !p.full() {
					return nil
				}
				select {
				case full <- p:
				case <-stop:
					return errPump
				}
				p = (<-free).empty()
				return nil
			})
		})
		if made == nil {
			select {
			case full <- p:
			case <-stop:
			}
		}
	})
	var err error
	for p := range full {
		if err == nil {
			if err = safely(func() error { return p.records(put) }); err != nil {
				close(stop)
			}
		}
		free <- p
	}
	wg.Wait()
	if err != nil {
		return err
	}
	return made
}
