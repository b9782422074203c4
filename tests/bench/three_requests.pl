#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# three_requests.pl BASE CA-FILE TARGET: logon, GET, logoff, as a script with LWP::UserAgent does.
use strict;
use warnings;
use JSON::PP;
use LWP::UserAgent;

my ($base, $certificate, $target) = @ARGV;
my $agent = LWP::UserAgent->new(keep_alive => 1, ssl_opts => {SSL_ca_file => $certificate, verify_hostname => 1});
my $logon = HTTP::Request->new(POST => "$base/api/sessionMngr/?v=latest", [Accept => 'application/json', 'Content-Length' => 0]);
$logon->authorization_basic('monitor', $ENV{BENCH_PASSWORD});
my $answer = $agent->request($logon);
die $answer->status_line . "\n" unless $answer->is_success;
my $id = decode_json($answer->content)->{SessionId};
my @token = ('X-RestSvcSessionId' => $answer->header('X-RestSvcSessionId'), Accept => 'application/json');
$answer = $agent->get("$base$target", @token);
die $answer->status_line . "\n" unless $answer->is_success;
my $entity = decode_json($answer->content);
print "$entity->{State} $entity->{Result}\n";
$answer = $agent->delete("$base/api/logonSessions/$id", @token);
die $answer->status_line . "\n" unless $answer->is_success;
