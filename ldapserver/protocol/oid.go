package protocol

// Controls.
const (
	OIDPagedResults  = "1.2.840.113556.1.4.319"   // RFC 2696
	OIDSortRequest   = "1.2.840.113556.1.4.473"   // RFC 2891
	OIDSortResponse  = "1.2.840.113556.1.4.474"   // RFC 2891
	OIDVLVRequest    = "2.16.840.1.113730.3.4.9"  // draft-ietf-ldapext-ldapv3-vlv-09
	OIDVLVResponse   = "2.16.840.1.113730.3.4.10" // draft-ietf-ldapext-ldapv3-vlv-09
	OIDManageDsaIT   = "2.16.840.1.113730.3.4.2"  // RFC 3296
	OIDAssertion     = "1.3.6.1.1.12"             // RFC 4528
	OIDSubentries    = "1.3.6.1.4.1.4203.1.10.1"  // RFC 3672
	OIDMatchedValues = "1.2.826.0.1.3344810.2.3"  // RFC 3876
	OIDPreRead       = "1.3.6.1.1.13.1"           // RFC 4527
	OIDPostRead      = "1.3.6.1.1.13.2"           // RFC 4527
	OIDProxiedAuthz  = "2.16.840.1.113730.3.4.18" // RFC 4370
	OIDSyncRequest   = "1.3.6.1.4.1.4203.1.9.1.1" // RFC 4533
	OIDSyncState     = "1.3.6.1.4.1.4203.1.9.1.2" // RFC 4533
	OIDSyncDone      = "1.3.6.1.4.1.4203.1.9.1.3" // RFC 4533
)

// Extended operations, their unsolicited and intermediate messages.
const (
	OIDNoticeOfDisconnection = "1.3.6.1.4.1.1466.20036"   // RFC 4511, 4.4.1
	OIDStartTLS              = "1.3.6.1.4.1.1466.20037"   // RFC 4511, 4.14
	OIDWhoAmI                = "1.3.6.1.4.1.4203.1.11.3"  // RFC 4532
	OIDCancel                = "1.3.6.1.1.8"              // RFC 3909
	OIDPasswordModify        = "1.3.6.1.4.1.4203.1.11.1"  // RFC 3062
	OIDSyncInfo              = "1.3.6.1.4.1.4203.1.9.1.4" // RFC 4533
)

// Features, values of supportedFeatures (RFC 4512, 5.1).
const (
	OIDAllOperationalAttributes = "1.3.6.1.4.1.4203.1.5.1" // RFC 3673
	OIDObjectClassAttributes    = "1.3.6.1.4.1.4203.1.5.2" // RFC 4529
	OIDTrueFalseFilters         = "1.3.6.1.4.1.4203.1.5.3" // RFC 4526
	OIDLanguageTagOptions       = "1.3.6.1.4.1.4203.1.5.4" // RFC 3866
	OIDLanguageRangeOptions     = "1.3.6.1.4.1.4203.1.5.5" // RFC 3866
	OIDModifyIncrement          = "1.3.6.1.1.14"           // RFC 4525
)
