#!/usr/bin/perl
# Net::SIP as the partner's user agent over mutual TLS.
#   call:   calls, hangs up after the answer
#   answer: waits for one call and for its end
# Settings come as name=value arguments. Exit code 0 when the call went from INVITE to the answered BYE.
use strict;
use warnings;
use Net::SIP qw(:all);

my ($mode, @settings) = @ARGV;
my %is = map { split /=/, $_, 2 } @settings;
$| = 1;

# What comes over the wire, for the test to read.
my $byeAnswered = 0;
my $receive = \&Net::SIP::Leg::receive;
{
	no warnings 'redefine';
	*Net::SIP::Leg::receive = sub {
		$byeAnswered = 1 if $_[1]->as_string =~ m{^SIP/2\.0 200 .*^cseq: \d+ BYE}msi;
		print "[wire in]\n" . $_[1]->as_string . "\n[wire end]\n";
		return $receive->(@_);
	};
}

my $leg = Net::SIP::Leg->new(
	proto => 'tls',
	addr  => $is{host},
	port  => $is{port},
	tls   => {
		SSL_cert_file       => $is{chain},
		SSL_key_file        => $is{key},
		SSL_ca_file         => $is{ca},
		SSL_hostname        => $is{name},
		SSL_verifycn_name   => $is{name},
		SSL_verifycn_scheme => 'sip',
		verify_client       => 1,
	},
) or die "no leg: $!";

my $agent = Net::SIP::Simple->new(
	leg     => $leg,
	from    => "sip:agent\@$is{domain}",
	contact => "sip:agent\@$is{host}:$is{port};transport=tls",
	($is{edge} ? (outgoing_proxy => "sip:$is{edge};transport=tls") : ()),
);

my ($done, $ended) = (0, 0);

if ($mode eq 'call') {
	my $call = $agent->invite(
		"sip:agent\@$is{peer}",
		init_media => sub { },
		cb_final   => sub { print "final $_[0]\n"; $done = $_[0] },
	) or die 'no call: ' . $agent->error;
	$agent->loop(8, \$done);
	die "call not answered\n" if $done ne 'OK';
	$call->bye(cb_final => sub { $ended = 1 });
	$agent->loop(8, \$ended);
	# Net::SIP calls back whatever became of its BYE.
	$ended = $byeAnswered;
} else {
	$agent->listen(
		init_media     => sub { },
		cb_established => sub { print "established\n" },
		recv_bye       => sub { print "bye received\n"; $done = 1 },
	) or die 'not listening: ' . $agent->error;
	print "READY\n";
	$agent->loop(25, \$done);
	# The answer to BYE is still on its way out.
	$agent->loop(0.5);
	$ended = $done;
}
exit($ended ? 0 : 1);
