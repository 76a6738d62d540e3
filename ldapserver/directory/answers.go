package directory

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"sync"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
	"ringdex/replicator/store"
)

const (
	// answerBytes is the memory for remembered answers where Options say nothing: 4,000 lists of 50 entries or 100,000
	// callers. It is taken as it fills.
	answerBytes = 32 << 20
	// answerMax is how long an answer may be that is remembered: a list as long as phones show, not a pull.
	answerMax = 48 << 10
	// answerShards spreads the connections over locks. A power of two.
	answerShards = 16
	// answerWays is how many answers with the same place in the table are known: their slots fill a cache line.
	answerWays = 4
	// answerAtOnce is how long an answer may be that is remembered when it is first given: the people of a number, or nobody. When
	// a call rings in a group, the second phone finds it. A longer one is remembered when it is asked for again.
	answerAtOnce = 1 << 10
	// seenPlaces is how many questions a shard knows to have been asked before. A power of two.
	seenPlaces = 4096
	// answerMean is the length that the table is laid out for.
	answerMean = 256
)

// answers remembers the latest answers: phones ask for the same beginning of a name again and again, and when a call
// rings in a group, each phone of it asks for the same number. An answer counts as long as the store's state is the
// one that it was made from, and only for who sees the same (Session.appendView): both are part of the key, like the
// octets of the request. Old ones give way to new ones.
//
// Each shard is a ring of records in one block of memory without pointers, so that nothing is allocated and the garbage
// collector has nothing to do.
type answers struct {
	seed   maphash.Seed
	size   int // octets of a shard's ring
	shards [answerShards]answerShard
}

type answerShard struct {
	mu    sync.Mutex
	slots []answerSlot // answerWays by place
	ring  []byte
	end   uint64             // where the next record goes: octets written so far
	seen  [seenPlaces]uint32 // parts of the hashes of keys that were asked for lately
	_     [64]byte
}

// answerSlot says where a record begins. The zero value is empty: no record begins at 0.
type answerSlot struct {
	hash uint64
	at   uint64
}

// A record is a header and then key and answer.
const (
	answerHeader = 12 // uint32 length of the key, uint32 of the answer, uint32 result code
	answerAlign  = 8
)

// newAnswers makes room for about size octets; nil for less than nothing.
func newAnswers(size int) *answers {
	switch {
	case size < 0:
		return nil
	case size == 0:
		size = answerBytes
	}
	return &answers{seed: maphash.MakeSeed(), size: max(size/answerShards, 2*answerMax) &^ (answerAlign - 1)}
}

func (a *answers) shard(hash uint64) *answerShard { return &a.shards[hash%answerShards] }

// ways are the slots for a hash, nil where nothing has been stored yet.
func (s *answerShard) ways(hash uint64) []answerSlot {
	if len(s.slots) == 0 {
		return nil
	}
	at := int(hash/answerShards) & (len(s.slots)/answerWays - 1) * answerWays
	return s.slots[at : at+answerWays]
}

// replay sends the answer to a key, if there is one, and returns its result code.
func (a *answers) replay(key []byte, w *ldapserver.ResultWriter) (code protocol.ResultCode, ok bool) {
	hash := maphash.Bytes(a.seed, key)
	s := a.shard(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	ways := s.ways(hash)
	for i := range ways {
		if ways[i].hash != hash || ways[i].at == 0 || s.end-ways[i].at > uint64(len(s.ring)) {
			continue // another one's, or overwritten since
		}
		record := s.ring[ways[i].at%uint64(len(s.ring)):]
		n, m := binary.NativeEndian.Uint32(record), binary.NativeEndian.Uint32(record[4:])
		if record = record[:answerHeader+n+m]; !bytes.Equal(record[answerHeader:answerHeader+n], key) {
			continue
		}
		w.Replay(replayControls(record[answerHeader+n:], w))
		return protocol.ResultCode(binary.NativeEndian.Uint32(record[8:])), true
	}
	return 0, false
}

// again says whether that has been asked of a key lately.
func (a *answers) again(key []byte) bool {
	hash := maphash.Bytes(a.seed, key)
	s := a.shard(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := &s.seen[hash/answerShards%seenPlaces]
	tag := uint32(hash >> 32)
	before := *seen
	*seen = tag
	return before == tag
}

// put remembers an answer, which it copies.
func (a *answers) put(key, answer []byte, code protocol.ResultCode) {
	size := (answerHeader + len(key) + len(answer) + answerAlign - 1) &^ (answerAlign - 1)
	if size > answerMax {
		return
	}
	hash := maphash.Bytes(a.seed, key)
	s := a.shard(hash)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ring == nil {
		s.ring, s.end = make([]byte, a.size), answerAlign
		places := 1
		for places*answerWays*answerMean < a.size {
			places *= 2
		}
		s.slots = make([]answerSlot, places*answerWays)
	}
	// A record does not wrap around: what is left at the end of the ring stays unused.
	if room := len(s.ring) - int(s.end%uint64(len(s.ring))); room < size {
		s.end += uint64(room)
	}
	at := s.end
	record := s.ring[at%uint64(len(s.ring)):][:size]
	binary.NativeEndian.PutUint32(record, uint32(len(key)))
	binary.NativeEndian.PutUint32(record[4:], uint32(len(answer)))
	binary.NativeEndian.PutUint32(record[8:], uint32(code))
	copy(record[answerHeader:], key)
	copy(record[answerHeader+len(key):], answer)
	s.end += uint64(size)
	ways := s.ways(hash)
	oldest := 0
	for i := range ways {
		if ways[i].hash == hash {
			oldest = i
			break
		}
		if ways[i].at < ways[oldest].at {
			oldest = i
		}
	}
	ways[oldest] = answerSlot{hash: hash, at: at}
}

// Repeat answers a search that has not been decoded as an equal one was answered before, where an answer is remembered; octets are its
// SearchRequest.Octets. The error is what Search returned then.
func (s *Session) Repeat(octets []byte, w *ldapserver.ResultWriter) (ok bool, err error) {
	s.refresh()
	if s.rights.searches != nil {
		return false, nil // Search counts them
	}
	_, ok, err = s.remembered(octets, w)
	return ok, err
}

// remembered answers a search as an equal one was answered before. Otherwise key is where to remember the answer, once
// there is one; nil if it is not to be remembered.
func (s *Session) remembered(octets []byte, w *ldapserver.ResultWriter) (key []byte, done bool, err error) {
	if s.dir.answers == nil || len(octets) == 0 || !s.mayRead() || s.rights.entries != nil {
		return nil, false, nil
	}
	epoch := s.dir.options.Store.Epoch()
	if epoch == 0 {
		return nil, false, nil
	}
	s.key = s.appendKey(s.key[:0], epoch, octets)
	code, ok := s.dir.answers.replay(s.key, w)
	switch {
	case !ok:
		return s.key, false, nil
	case code == protocol.SizeLimitExceeded:
		return nil, true, errSizeLimit
	}
	return nil, true, nil
}

// appendKey appends everything that an answer depends on.
func (s *Session) appendKey(dst []byte, epoch uint64, octets []byte) []byte {
	dst = binary.NativeEndian.AppendUint64(dst, epoch)
	at := len(dst)
	dst = s.appendView(append(dst, 0, 0))
	binary.NativeEndian.PutUint16(dst[at:], uint16(len(dst)-at-2))
	return append(dst, octets...)
}

// appendView appends what an answer depends on beside the request and the store's state: who asks, and where from. What
// changes the answers of one session and not those of another has to be in it.
func (s *Session) appendView(dst []byte) []byte {
	if s.assigned != nil {
		dst = append(append(append(dst, "profile "...), s.assigned.profile.Name...), 0)
	}
	return binary.NativeEndian.AppendUint64(dst, s.rights.id)
}

// remember keeps the answer that was just given under the key, if it is one of the state that the key is about.
func (s *Session) remember(key []byte, r *store.Reader, w *ldapserver.ResultWriter, err error) {
	code, ok := keeps(key, r, w, err)
	if !ok || w.Buffered() > answerAtOnce && !s.dir.answers.again(key) {
		return
	}
	s.answer = appendControls(s.answer[:0], w.Controls())
	if s.answer, ok = w.AppendAnswer(s.answer); ok {
		s.dir.answers.put(key, s.answer, code)
	}
	if cap(s.answer) > answerMax {
		s.answer = nil
	}
}

// keeps says whether an answer is to be remembered, and the result code that it ends with.
func keeps(key []byte, r *store.Reader, w *ldapserver.ResultWriter, err error) (code protocol.ResultCode, ok bool) {
	switch err {
	case nil:
	case errSizeLimit:
		code = protocol.SizeLimitExceeded
	default:
		return 0, false
	}
	return code, r != nil && binary.NativeEndian.Uint64(key) == r.Epoch() && w.Buffered() <= answerMax
}

// A record's answer begins with the controls of the response: their number, then OID and value of each. Behind them are the entries.

// appendControls appends the controls of a response.
func appendControls(dst []byte, list []protocol.Control) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for i := range list {
		for _, part := range [][]byte{list[i].OID, list[i].Value} {
			dst = binary.AppendUvarint(dst, uint64(len(part)))
			dst = append(dst, part...)
		}
	}
	return dst
}

// replayControls sends what appendControls has written, and returns what stands behind it.
func replayControls(answer []byte, w *ldapserver.ResultWriter) []byte {
	n, size := binary.Uvarint(answer)
	answer = answer[size:]
	for range n {
		var oid, value []byte
		oid, answer = cutPart(answer)
		value, answer = cutPart(answer)
		// The record may be overwritten before the answer is sent.
		w.AddControl(protocol.NewControl(string(oid), append([]byte{}, value...)))
	}
	return answer
}

// cutPart takes off what is preceded by its length.
func cutPart(b []byte) (part, rest []byte) {
	n, size := binary.Uvarint(b)
	return b[size : size+int(n)], b[size+int(n):]
}
