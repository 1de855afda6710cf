// The keys of test files, for the reader's checks of them.
#pragma once

#include "dsl/vocabulary_table.h"

namespace elevaite::rehearsal::vocabulary {

using namespace dsl::vocabulary;

inline constexpr std::string_view kWho[] = {"task", "call", "workflow"};
inline constexpr std::string_view kWhat[] = {"output", "gives", "error", "answers"};
inline constexpr std::string_view kOutcome[] = {"output", "gives", "error"};
inline constexpr KeyGroup kOneMock[] = {kWho, kWhat};
inline constexpr KeyGroup kOneOutcome[] = {kOutcome};
inline constexpr std::string_view kStatuses[] = {"completed", "faulted", "cancelled", "waiting"};

inline constexpr Key kCaseKeys[] = {
    {"name", kTextOnly, "What the case is about.", "the card is covered", true},
    {"given", kAnything, "What there is before.", "{input: {amount: 10}}"},
    {"when", kAnything, "What happens beside the start.", "{cancel: {after: PT5M}}"},
    {"expect", kAnything, "What must come of it.", "{output: {charged: true}}"},
};
inline constexpr Key kGivenKeys[] = {
    {"input", kAnything, "The input of the execution.", "{amount: 10}"},
    {"at", kTextOnly, "When it starts.", "'2026-03-28T12:00:00Z'"},
    {"zone", kTextOnly, "The time zone of its schedule.", "Europe/Zurich"},
    {"baseUrl", kTextOnly, "The server's address, `$runtime.metadata.baseUrl`.", "https://flows.example"},
    {"secrets", kFreeMap, "The secrets that there are.", "{apiKey: abc}"},
    {"mocks", kAnything, "Answers of calls.", "[{task: askBank, output: {ok: true}}]"},
};
inline constexpr Key kMockKeys[] = {
    {"task", kTextOnly, "The name of the task that calls.", "askBank"},
    {"call", kTextOnly, "The function that is called.", "http"},
    {"workflow", kTextOnly, "The workflow that a task runs.", "charge-card"},
    {"when", kExpressionOnly, "Only requests for which it is true.", ".method == \"post\""},
    {"output", kAnything, "What the call gives.", "{ok: true}"},
    {"gives", kAnything, "What the task gives, its `output.as` done: in recorded runs.", "{ok: true}"},
    {"error", kAnything, "What it fails with.", "{type: communication, status: 503}"},
    {"delay", kDurationOnly, "How long it takes.", "PT2S"},
    {"answers", kAnything, "An answer for each call in turn.", "[{error: {type: timeout}}, {output: 1}]"},
};
inline constexpr Key kAnswerKeys[] = {
    {"output", kAnything, "What the call gives.", "{ok: true}"},
    {"gives", kAnything, "What the task gives, its `output.as` done: in recorded runs.", "{ok: true}"},
    {"error", kAnything, "What it fails with.", "{type: communication, status: 503}"},
    {"delay", kDurationOnly, "How long it takes.", "PT2S"},
};
inline constexpr Key kErrorKeys[] = {
    {"type", kTextOnly, "Its type.", "communication", true},
    {"status", kAnything, "Its status.", "503"},
    {"title", kTextOnly, "Its title.", "Service unavailable"},
    {"detail", kTextOnly, "More about it.", "try again"},
    {"instance", kTextOnly, "What raised it.", "/do/0/askBank"},
};
inline constexpr Key kExpectedErrorKeys[] = {
    {"type", kTextOnly, "Its type.", "communication"},
    {"status", kAnything, "Its status.", "503"},
    {"title", kTextOnly, "Its title.", "Service unavailable"},
    {"detail", kTextOnly, "More about it.", "try again"},
    {"instance", kTextOnly, "What raised it.", "/do/0/askBank"},
};
inline constexpr Key kWhenKeys[] = {
    {"events", kAnything, "Events that come.", "[{type: order.paid}]"},
    {"cancel", kAnything, "The execution is cancelled.", "{after: PT5M}"},
    {"passes", kDurationOnly, "Time passes, and the schedule starts the workflow.", "P7D"},
};
inline constexpr Key kEventKeys[] = {
    {"type", kTextOnly, "The event's type.", "order.paid", true},
    {"after", kDurationOnly, "When it comes, after the start.", "P2D"},
};
inline constexpr Key kCancelKeys[] = {
    {"after", kDurationOnly, "When, after the start.", "PT5M", true},
    {"grace", kDurationOnly, "How long it may take to clean up.", "PT30S"},
    {"reason", kTextOnly, "Why.", "no longer needed"},
};
inline constexpr Key kExpectKeys[] = {
    {"status", kTextOnly, "How it ends.", "faulted"},
    {"output", kAnything, "Its output, as a whole.", "{charged: true}"},
    {"contains", kAnything, "Members that the output has.", "{charged: true}"},
    {"check", kExpressionOnly, "A condition on the output, or several.", ".total > 0"},
    {"error", kAnything, "Members that the error has.", "{type: timeout}"},
    {"ran", kTextList, "Tasks that run, in this order.", "[reserve, charge]"},
    {"never", kTextList, "Tasks that do not run.", "[refund]"},
    {"calls", kAnything, "All calls that are made, in order.", "[{task: askBank}]"},
    {"events", kAnything, "All events that are emitted, in order.", "[{type: order.paid}]"},
    {"duration", kDurationOnly, "How long it takes.", "P30D"},
    {"starts", kTextList, "When the schedule starts it.", "['2026-03-29T01:00:00Z']"},
};
inline constexpr Key kCallKeys[] = {
    {"task", kTextOnly, "The name of the task.", "askBank"},
    {"call", kTextOnly, "The function that is called.", "http"},
    {"request", kAnything, "Members that the request has.", "{method: post}"},
};

inline constexpr Object kCase{"case", "a case", "", kCaseKeys};
inline constexpr Object kGiven{"given", "`given`", "", kGivenKeys};
inline constexpr Object kMock{"mock", "a mock", "", kMockKeys, Openness::kClosed, {}, kOneMock};
inline constexpr Object kAnswer{"answer", "an answer", "", kAnswerKeys, Openness::kClosed, {}, kOneOutcome};
inline constexpr Object kError{"error", "`error`", "", kErrorKeys};
inline constexpr Object kExpectedError{"expected error", "`error`", "", kExpectedErrorKeys};
inline constexpr Object kWhen{"when", "`when`", "", kWhenKeys};
inline constexpr Object kEvent{"event", "an event", "", kEventKeys, Openness::kOpen};
inline constexpr Object kCancel{"cancel", "`cancel`", "", kCancelKeys};
inline constexpr Object kExpect{"expect", "`expect`", "", kExpectKeys};
inline constexpr Object kCall{"call", "a call", "", kCallKeys};

}  // namespace elevaite::rehearsal::vocabulary
