package directory

import (
	"encoding/binary"

	"ringdex/ldapserver"
	"ringdex/ldapserver/protocol"
)

// Answers with controls are remembered as others are: the key has the controls as well, and the record begins with the
// controls of the response. Pages are not: their cookies differ.

// rememberedControlled is remembered for a search with controls.
func (s *Session) rememberedControlled(epoch uint64, req *protocol.SearchRequest, c *controls, w *ldapserver.ResultWriter) (key []byte, done bool, err error) {
	if c.paged != nil || c.assertion != nil {
		return nil, false, nil
	}
	// No view begins with a zero, so that the key is none of a search without controls.
	dst := binary.NativeEndian.AppendUint64(s.key[:0], epoch)
	at := len(dst)
	dst = s.appendView(append(dst, 0, 0, 0))
	binary.NativeEndian.PutUint16(dst[at:], uint16(len(dst)-at-2))
	dst = binary.AppendUvarint(dst, uint64(len(req.Octets)))
	s.key = append(dst, req.Octets...)
	for i := range c.list {
		one := &c.list[i]
		s.key = append(s.key, 0)
		s.key = binary.AppendUvarint(s.key, uint64(len(one.OID)))
		s.key = append(s.key, one.OID...)
		if one.Critical {
			s.key = append(s.key, 1)
		}
		s.key = binary.AppendUvarint(s.key, uint64(len(one.Value)))
		s.key = append(s.key, one.Value...)
	}
	code, ok, again := s.dir.answers.find(s.key, func(answer []byte) {
		w.Replay(replayControls(answer, w))
	})
	return s.recalled(code, ok, again)
}

// appendControls appends the controls of a response: their number, then OID and value of each.
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
	take := func() []byte {
		n, size := binary.Uvarint(answer)
		part := answer[size : size+int(n)]
		answer = answer[size+int(n):]
		return part
	}
	n, size := binary.Uvarint(answer)
	answer = answer[size:]
	for range n {
		oid := string(take())
		// The record may be overwritten before the answer is sent.
		w.AddControl(protocol.NewControl(oid, append([]byte{}, take()...)))
	}
	return answer
}
