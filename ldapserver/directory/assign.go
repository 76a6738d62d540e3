package directory

import (
	"net/netip"
	"strings"

	"ringdex/ldapserver"
)

// viewFor is the view that a connection gets by its listener, else by its network, the narrowest one first; nil for none.
func (d *Directory) viewFor(c ldapserver.ConnInfo) *view {
	var found *view
	narrow := -1
	addr := c.Remote.Addr().Unmap()
	for _, v := range d.placed {
		for _, l := range v.profile.Listeners {
			if strings.EqualFold(l, c.Listener) || listensAt(l, c.Local) {
				return v
			}
		}
		for _, p := range v.profile.Networks {
			if p.Contains(addr) && p.Bits() > narrow {
				found, narrow = v, p.Bits()
			}
		}
	}
	return found
}

// listensAt says whether a connection came in at a listener: "192.0.2.10:3390", or ":3390" for every address.
func listensAt(listener string, local netip.AddrPort) bool {
	if len(listener) > 0 && listener[0] == ':' {
		listener = "0.0.0.0" + listener
	}
	at, err := netip.ParseAddrPort(listener)
	return err == nil && at.Port() == local.Port() && (at.Addr().IsUnspecified() || at.Addr().Unmap() == local.Addr().Unmap())
}

// useAt makes a session answer under the view that a request's base lies under, else under the one its client has.
func (s *Session) useAt(at place) {
	s.named = at.view != nil
	if s.named {
		s.use(at.view)
		return
	}
	s.use(s.assigned)
}

// limitOf is the size limit of a search that asked for so many entries, and whose client has so many left; 0 is none.
func (s *Session) limitOf(asked, left int) int {
	limits := [...]int{asked, s.rights.most, left, 0}
	if s.view != nil {
		limits[3] = s.view.profile.Most
	}
	least := 0
	for _, l := range limits {
		if l > 0 && (least == 0 || l < least) {
			least = l
		}
	}
	return least
}
