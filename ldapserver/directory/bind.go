package directory

import (
	"context"

	"ringdex/ldapserver/protocol"
)

// Bind authenticates the connection (RFC 4511, 4.2; RFC 4513, 5.1). A failed bind leaves it anonymous.
func (s *Session) Bind(ctx context.Context, r *protocol.BindRequest) error {
	s.user, s.assigned = nil, s.connected
	switch {
	case len(r.Name) == 0 && len(r.Simple) == 0:
		return nil // anonymous, RFC 4513, 5.1.1; what it may read is decided at each request
	case len(r.Simple) == 0 && s.connected != nil && s.connected.profile.EmptyPassword:
		return nil // anonymous: the profile says that these telephones can't be told to leave the name out
	case len(r.Simple) == 0:
		// RFC 4513, 5.1.2: a name without a password must not pass for an authentication.
		return &protocol.Error{Code: protocol.UnwillingToPerform, Message: "a bind with a name needs a password"}
	case len(r.Name) == 0:
		return &protocol.Error{Code: protocol.InvalidCredentials}
	}
	u, err := s.dir.users.verify(ctx, r.Name, r.Simple)
	if err != nil {
		return err
	}
	if s.user = u; u == nil {
		return &protocol.Error{Code: protocol.InvalidCredentials}
	}
	if v := s.dir.viewOfUser(u); v != nil {
		s.assigned = v
	}
	return nil
}

// mayRead says whether the connection may see entries.
func (s *Session) mayRead() bool { return s.user != nil || s.anonymousOK }

// errNoAccess is what an anonymous client is told where reading needs a bind.
var errNoAccess = &protocol.Error{Code: protocol.InsufficientAccessRights, Message: "reading needs a bind from this network"}

// whoAmI is RFC 4532, 2: the authorization identity, empty for anonymous.
func (s *Session) whoAmI() []byte {
	if s.user == nil {
		return []byte{}
	}
	if _, err := protocol.ParseDN(s.user.name); err == nil {
		return []byte("dn:" + s.user.name)
	}
	return []byte("u:" + s.user.name)
}
