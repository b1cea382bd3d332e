package peers;

import java.util.List;
import java.util.Map;
import org.apache.storm.spout.SpoutOutputCollector;
import org.apache.storm.task.TopologyContext;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.base.BaseRichSpout;
import org.apache.storm.tuple.Fields;

/** Emits values in turn, as fast as it is asked. */
public final class FlowSpout extends BaseRichSpout {
    private static final long serialVersionUID = 1;

    private final Object[] values;
    private final boolean isTracked;
    private transient SpoutOutputCollector out;
    private transient Counter emitted;
    private transient Counter acked;
    private transient Counter failed;
    private transient int next;
    private transient long id;

    /** Tuples are tracked only if somebody acks. */
    FlowSpout(Object[] values, boolean isTracked) {
        this.values = values;
        this.isTracked = isTracked;
    }

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
        if (!Gate.flows()) {
            return;
        }
        List<Object> tuple = List.of(values[next]);
        next = next + 1 == values.length ? 0 : next + 1;
        if (isTracked) {
            out.emit(tuple, id++);
        } else {
            out.emit(tuple);
        }
        emitted.add();
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
        declarer.declare(new Fields("value"));
    }
}
