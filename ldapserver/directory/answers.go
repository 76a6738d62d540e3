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
	// seenPlaces is how many questions a shard knows to have been asked before: an answer is remembered when it is asked
	// for again, so that what is asked once costs next to nothing. A power of two.
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

// replay sends the answer to a key, if there is one, and returns its result code. Where there is none, again says whether it
// has been asked for before.
func (a *answers) replay(key []byte, w *ldapserver.ResultWriter) (code protocol.ResultCode, ok, again bool) {
	return a.find(key, w.Replay)
}

// find is replay with another use of the answer.
func (a *answers) find(key []byte, use func(answer []byte)) (code protocol.ResultCode, ok, again bool) {
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
		use(record[answerHeader+n:])
		return protocol.ResultCode(binary.NativeEndian.Uint32(record[8:])), true, true
	}
	seen := &s.seen[hash/answerShards%seenPlaces]
	tag := uint32(hash >> 32)
	again = *seen == tag
	*seen = tag
	return 0, false, again
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

// remembered answers a search as an equal one was answered before. Otherwise key is where to remember the answer, once
// there is one; nil if it is not to be remembered.
func (s *Session) remembered(req *protocol.SearchRequest, c *controls, w *ldapserver.ResultWriter) (key []byte, done bool, err error) {
	epoch, ok := s.epoch(req)
	if !ok {
		return nil, false, nil
	}
	if len(c.list) > 0 {
		return s.rememberedControlled(epoch, req, c, w)
	}
	s.key = s.appendKey(s.key[:0], epoch, req)
	code, ok, again := s.dir.answers.replay(s.key, w)
	return s.recalled(code, ok, again)
}

// recalled is what remembered returns after the answers were asked for s.key: found with a code, or not found and whether
// it is worth remembering.
func (s *Session) recalled(code protocol.ResultCode, ok, again bool) (key []byte, done bool, err error) {
	switch {
	case !ok && !again:
		return nil, false, nil
	case !ok:
		return s.key, false, nil
	case code == protocol.SizeLimitExceeded:
		return nil, true, errSizeLimit
	}
	return nil, true, nil
}

// epoch is the state that an answer would be of; ok is false where none is remembered.
func (s *Session) epoch(req *protocol.SearchRequest) (epoch uint64, ok bool) {
	if s.dir.answers == nil || len(req.Octets) == 0 || !s.mayRead() || s.rights.entries != nil {
		return 0, false
	}
	epoch = s.dir.options.Store.Epoch()
	return epoch, epoch != 0
}

// appendKey appends everything that an answer depends on.
func (s *Session) appendKey(dst []byte, epoch uint64, req *protocol.SearchRequest) []byte {
	dst = binary.NativeEndian.AppendUint64(dst, epoch)
	at := len(dst)
	dst = s.appendView(append(dst, 0, 0))
	binary.NativeEndian.PutUint16(dst[at:], uint16(len(dst)-at-2))
	return append(dst, req.Octets...)
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
func (s *Session) remember(key []byte, c *controls, r *store.Reader, w *ldapserver.ResultWriter, err error) {
	code, ok := keeps(key, r, w, err)
	if !ok {
		return
	}
	s.answer = s.answer[:0]
	if len(c.list) > 0 {
		s.answer = appendControls(s.answer, w.Controls())
	}
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
