package soap

// Session is what a login yields.
type Session struct {
	// ID goes into the SessionHeader of every call.
	ID Secret
	// ServerURL is the endpoint of all further calls.
	ServerURL string
	// OrganizationID tells orgs, and a sandbox from its refreshed self, apart.
	OrganizationID ID
	UserID         ID
	// SecondsValid is the idle time after which the session ends.
	SecondsValid int
	Sandbox      bool
	// PasswordExpired is never true in a session that Client.Login returns:
	// such a session can do nothing and is refused.
	PasswordExpired bool
	User            UserInfo
}

// UserInfo is what getUserInfo says about the user and its org.
type UserInfo struct {
	UserID                  ID
	UserName                string
	FullName                string
	Email                   string
	UserType                string
	ProfileID               ID
	Language                string
	Locale                  string
	TimeZone                string
	OrganizationID          ID
	OrganizationName        string
	OrganizationHasPersons  bool
	OrganizationIsMultiCurr bool
	SessionSecondsValid     int
}
