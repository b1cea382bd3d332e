package peers;

import java.util.List;
import java.util.Map;
import org.apache.storm.spout.SpoutOutputCollector;
import org.apache.storm.task.TopologyContext;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.base.BaseRichSpout;
import org.apache.storm.tuple.Fields;

/** Emits every tuple that is due; a tuple is the instant at which it was due. */
public final class RateSpout extends BaseRichSpout {
    private static final long serialVersionUID = 1;
    /** The most that one call emits. */
    private static final int BURST = 256;

    private transient SpoutOutputCollector out;
    private transient Counter emitted;
    private transient Counter acked;
    private transient Counter failed;
    private transient Schedule schedule;
    private transient long index;

    @Override
    public void open(Map<String, Object> conf, TopologyContext context, SpoutOutputCollector collector) {
        out = collector;
        emitted = Counter.EMITTED.part();
        acked = Counter.ACKED.part();
        failed = Counter.FAILED.part();
        Gate.opened();
    }

    @Override
    public void nextTuple() {
        Schedule current = Gate.schedule();
        if (current == null) {
            return;
        }
        if (current != schedule) {
            schedule = current;
            index = 0;
        }
        long end = Math.min(current.dueByNow(), index + BURST);
        for (; index < end; index++) {
            out.emit(List.of(current.due(index)), index);
            emitted.add();
        }
    }

    @Override
    public void ack(Object id) {
        acked.add();
    }

    @Override
    public void fail(Object id) {
        failed.add();
    }

    @Override
    public void declareOutputFields(OutputFieldsDeclarer declarer) {
        declarer.declare(new Fields("due"));
    }
}
