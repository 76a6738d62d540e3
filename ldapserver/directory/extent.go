package directory

import (
	"bytes"
	"slices"

	"ringdex/ldapserver/protocol"
)

// extent is what a search with controls looks at: what run looks at, as a list.
type extent struct {
	statics []place
	single  bool   // one entry, ordinal
	ordinal uint32 //
	entries bool   // the entries of object, "" all
	object  string
}

func (q *search) extent(scope protocol.Scope, subentries bool) (x extent) {
	at := q.at
	if subentries && scope != protocol.BaseObject {
		// Only subentries are visible, of which there is one (RFC 3672, 3).
		if at.kind == placeSubschema && scope != protocol.SingleLevel || at.kind == placeRoot {
			x.statics = []place{{kind: placeSubschema}}
		}
		return x
	}
	switch scope {
	case protocol.BaseObject:
		if at.kind == placeEntry {
			return extent{single: true, ordinal: at.ordinal}
		}
		return extent{statics: []place{at}}
	case protocol.SingleLevel:
		switch at.kind {
		case placeRoot:
			x.statics = []place{{kind: placeBase}}
		case placeBase, placeView:
			x.statics = q.containerPlaces()
		case placeContainer:
			x.entries, x.object = true, at.object
		}
		return x
	}
	switch at.kind {
	case placeEntry:
		return extent{single: true, ordinal: at.ordinal}
	case placeSubschema:
		return extent{statics: []place{at}}
	case placeContainer:
		return extent{statics: []place{at}, entries: true, object: at.object}
	}
	x.entries = true
	if q.s.dir.mayMatchStatic(q.condition) {
		if at.kind == placeRoot {
			at.kind = placeBase
		}
		x.statics = append([]place{at}, q.containerPlaces()...)
	}
	return x
}

func (q *search) containerPlaces() (list []place) {
	for _, object := range q.s.objects() {
		list = append(list, place{kind: placeContainer, object: object})
	}
	return list
}

// staticMatch is an entry of an answer that is no record.
type staticMatch struct {
	entry *staticEntry
	index int // among those of the extent
	key   []byte
}

// staticMatches are those of an extent that match, in order.
func (q *search) staticMatches(x *extent, o *ordering) (list []staticMatch) {
	for i, at := range x.statics {
		e := q.s.static(q.r, at)
		if q.s.evaluateStatic(q.condition, e) == isTrue {
			list = append(list, staticMatch{entry: e, index: i, key: o.appendStaticKey(q.s, nil, e)})
		}
	}
	slices.SortStableFunc(list, func(a, b staticMatch) int { return bytes.Compare(a.key, b.key) })
	return list
}
